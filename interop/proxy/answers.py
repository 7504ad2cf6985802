"""Answers that must reach the client as the backend gave them: the status,
each header's values in their order, and the body, byte for byte. They are
written to a file that all backends read. way is how they are sent:

whole        at once, with its length
chunked      in two parts, without a length
trailers     chunked, with a trailer after it
hints        after 103 Early Hints
cut          only half of it, with the length of all
cut-chunked  only half of it, without a length and without the last chunk"""

import base64
import gzip
import hashlib
import json

from carried import EVERY_BYTE, difference
from http1 import Request, send

LIMIT = 6 << 20  # bytes of what a function may return
TEXT = ("Content-Type", "text/plain; charset=utf-8")
# Of the gateway or the connection, not of the backend's answer.
OWN = {"date", "connection", "server", "content-length", "transfer-encoding", "x-amzn-requestid", "via", "host",
       "access-control-allow-origin", "access-control-expose-headers", "vary"}


def told(status, body=b"", *headers, way="whole", seconds=0):
    length = [] if way in ("chunked", "trailers", "cut-chunked") or status in (204, 304) else [
        ("Content-Length", str(len(body)))]
    return {"status": status, "headers": [*headers, *length], "body": base64.b64encode(body).decode(), "way": way,
            "seconds": seconds}


CODES = (200, 201, 202, 203, 205, 206, 300, 400, 402, 403, 404, 405, 406, 409, 410, 412, 413, 415, 416, 418, 422, 429,
         451, 500, 501, 503, 511)

WHOLE = {f"{code}": told(code, b"" if code == 205 else b"as told", TEXT) for code in CODES} | {
    "cookies": told(200, b"", TEXT, ("Set-Cookie", "a=1; Path=/; HttpOnly"), ("Set-Cookie", 'b="2, 3"; Secure'),
                    ("Set-Cookie", "a=4; Expires=Sat, 01 Aug 2026 00:00:00 GMT")),
    "repeated": told(200, b"x", TEXT, ("Link", "<a>; rel=next"), ("Link", "<b>; rel=prev"), ("X-List", "1, 2"),
                     ("X-List", "1")),
    "cached": told(200, b"x", TEXT, ("ETag", 'W/"1"'), ("Cache-Control", "private, max-age=1"), ("Age", "0"),
                   ("Last-Modified", "Sat, 01 Aug 2026 00:00:00 GMT"), ("X-Empty", "")),
    "unauthorized": told(401, b"x", TEXT, ("X-Reason", "of the backend's own")),
    "empty": told(204),
    "not-modified": told(304, b"", ("ETag", '"1"')),
    "binary": told(200, EVERY_BYTE, ("Content-Type", "image/png")),
    "latin-1": told(200, "Zoë".encode("latin-1"), ("Content-Type", "text/html; charset=iso-8859-1")),
    "utf-8": told(200, "Zoë 雪 🐎\0\r\n".encode(), ("Content-Type", "application/json")),
    "gzip": told(200, gzip.compress(EVERY_BYTE, mtime=0), ("Content-Type", "application/json"),
                 ("Content-Encoding", "gzip")),
    "download": told(200, b"PK", ("Content-Type", "application/zip"),
                     ("Content-Disposition", "attachment; filename*=UTF-8''Zo%C3%AB.zip")),
    "large": told(200, EVERY_BYTE * 3072, ("Content-Type", "application/octet-stream")),
}
WHOLE |= {f"to-{code}": told(code, b"moved", TEXT, ("Location", place)) for code, place in (
    (301, "/api/elsewhere?a=b%20c"), (302, "http://127.0.0.1:1/never"), (303, "elsewhere"), (307, "//x.example/"),
    (308, "https://x.example/a#b"))}

SENT = WHOLE | {
    "chunked": told(200, EVERY_BYTE, ("Content-Type", "application/octet-stream"), way="chunked"),
    "trailers": told(200, b"before the trailer", TEXT, ("Trailer", "X-Checksum"), way="trailers"),
    "hints": told(200, b"after the hints", TEXT, way="hints"),
}

TOO_LARGE = told(200, b"7" * (7 << 20), TEXT)
CUT = {"cut": told(200, b"cut " * 100, TEXT, way="cut"),
       "cut-chunked": told(200, b"cut " * 100, TEXT, way="cut-chunked")}
SLOW = told(200, b"slow", TEXT, seconds=4)


def write(file):
    """Writes what the backends are told."""
    file.write_text(json.dumps(SENT | CUT | {"too-large": TOO_LARGE, "slow": SLOW}), encoding="ascii")


def ask(gateway, credential, name, method="GET"):
    request = credential.put(Request(method, f"/api/answer/{name}"), gateway)
    return send(gateway.host, request.encode(gateway.host, gateway.base), method)


def check(report, gateway, backend, credential):
    """Asks for each answer, and compares what comes."""
    for name, answer in SENT.items():
        if answer["way"] not in backend.platform.lacks:
            got = ask(gateway, credential, name)
            report.equal(f"answer {name}", difference(came(got, answer), told_to(answer)), {})
    for name in ("200", "cookies", "binary", "to-302", "404", "empty"):
        got = ask(gateway, credential, name, "HEAD")
        want = told_to(SENT[name] | {"body": ""})
        report.equal(f"HEAD of answer {name}", difference(came(got, SENT[name]), want), {})
    backend.seen()


def told_to(answer):
    """What of an answer must come, under the names of its headers."""
    values = {}
    for name, value in answer["headers"]:
        if name.lower() not in OWN | {"trailer"} and value:
            values.setdefault(name.lower(), []).append(value)
    return {"status": answer["status"], "body": fingerprint(base64.b64decode(answer["body"])), **values}


def came(got, answer):
    """The same of what came."""
    values = {}
    for name, value in got.headers:
        if name.lower() not in OWN and not name.lower().startswith("x-amzn-remapped-") and value:
            values.setdefault(name.lower(), []).append(value)
    if not any(name.lower() == "content-type" for name, _ in answer["headers"]):
        values.pop("content-type", None)  # a gateway has one for every answer
    return {"status": got.status, "body": fingerprint(got.body), **values}


def fingerprint(body):
    return len(body), body[:100], hashlib.sha256(body).hexdigest()
