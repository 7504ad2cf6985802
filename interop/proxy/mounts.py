"""Where a route is at the backend, by the path of the upstream's URL, and for
which backend an assertion is. No path begins with two slashes there: it would
look like a host."""

import json

from common import ALICE
from credentials import password
from http1 import Request
from identity import through

# The upstream's path, and what /api/ becomes by it.
MOUNTS = (("", "/api/"), ("/", "/"), ("/v1", "/v1/"), ("/v1/", "/v1/"), ("/v%201/api", "/v%201/api/"))


def check(report, gateway, backend):
    for path, mount in MOUNTS:
        with gateway.serving(backend.origin + path):
            credential = password(gateway, "mobile", ALICE)
            for rest in ("a%20b/c%2Fd?x=1", "/evil.example//x", "x//?y=z"):
                through(gateway, credential, Request(target="/api/" + rest))
                report.equal(f"upstream {path or 'without a path'}: /api/{rest}",
                             [one["target"] for one in backend.seen()], ["/" + (mount + rest).lstrip("/")])
            if backend.platform.verifies:
                answer = through(gateway, credential, Request(target="/api/verify"))
                report.equal(f"upstream {path or 'without a path'}: the assertion's path",
                             json.loads(answer.body).get("claims", {}).get("path"), mount + "verify")
                backend.seen()


def audience(report, gateway, backend):
    """The same server by another name is another audience."""
    with gateway.serving(f"http://localhost:{backend.port}"):
        answer = through(gateway, password(gateway, "mobile", ALICE), Request(target="/api/verify"))
        report.equal("assertion for another audience", answer.status, 401)
        backend.seen()
