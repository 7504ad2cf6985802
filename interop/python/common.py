"""What the Python programs share: where the server is, who is registered
there, and how a check is reported."""

import json
import os
import sys
from pathlib import Path

URL = os.environ.get("GATEHOUSE_URL", "")  # the proxy's kit starts its own servers
_seed = json.loads(Path(os.environ["GATEHOUSE_SEED"]).read_text(encoding="utf-8"))
SECRETS = {client["id"]: client.get("secret") for client in _seed["clients"]}
TOKENS = _seed["tokens"]
ALICE, HARD = [(user["name"], user["password"]) for user in _seed["users"][:2]]
TEST_KEY = Path(os.environ["GATEHOUSE_TEST_KEY"]).read_text(encoding="ascii")

# Hard characters: escapes of either case, "+" for a space, unicode, a key
# twice and out of order, empty values, and what encoders disagree on. No "'":
# Authlib does not sign a URL with one, though RFC 3986 §3.4 allows it.
HARD_QUERY = ("limit=100&note=a%20b%2Bc+d&%E9%9B%AA=%E2%98%83&tag=2&tag=10&tag=&empty=&none"
              "&tilde=~&star=*!()&percent=%2525&eq=a%3Db")
HARD_PATH = "/oauth/sessions/a%20b%2Bc+~*!'()%E9%9B%AA"


class Report:
    """Prints one line for each check."""

    def __init__(self, subject):
        self.subject = subject

    def equal(self, what, got, want):
        if got == want:
            print(f"ok   {self.subject}: {what}")
        else:
            print(f"FAIL {self.subject}: {what}: got {got!r}, want {want!r}")

    def differ(self, what, got, other):
        self.equal(what, got != other, True)


def xauth_form(user):
    """The form of xAuth for user, a name and password."""
    name, password = user
    return {"x_auth_mode": "client_auth", "x_auth_username": name, "x_auth_password": password}


def current(response):
    """The id of the session that asked, from an answer of GET /oauth/sessions."""
    for session in response.json().get("sessions", []):
        if session["current"]:
            return session["id"]
    return None


def sign_all(sign):
    """Signs for the sweep: a job on each line of standard input, the request
    as the library would send it on a line of output."""
    for line in sys.stdin:
        prepared = sign(json.loads(line))
        body = prepared.body or ""
        print(json.dumps({
            "method": prepared.method,
            "url": prepared.url,
            "authorization": _text(prepared.headers.get("Authorization", "")),
            "body": _text(body),
        }), flush=True)


def _text(value):
    return value.decode() if isinstance(value, bytes) else value
