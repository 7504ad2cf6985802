"""Requests that must reach a backend as they were sent.

Compared are: the method; the path, byte for byte; the query, as decoded pairs;
each header's values in their order; the body, byte for byte. A REST API hands
a function the query decoded and in no order but that among values of one name,
and names without "=" as if they had it: no function can restore more. The same
goes for the order of headers with different names, and the case of names."""

import gzip
import hashlib
import json
from urllib.parse import parse_qsl

from http1 import Request, send

HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "proxy-connection",
              "proxy-authorization", "expect"}
ADDED = {"host", "content-length", "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port",
         "x-forwarded-proto"}
FORM = ("Content-Type", "application/x-www-form-urlencoded")
BINARY = ("Content-Type", "application/octet-stream")
EVERY_BYTE = bytes(range(256)) * 5


def post(content_type, body, *headers, **options):
    return Request("POST", "/api/echo", (("Content-Type", content_type), *headers), body, **options)


METHODS = {f"{method} without a body": Request(method)
           for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}
METHODS |= {f"{method} with a body": Request(method, body=b'{"a": 1}', headers=(("Content-Type", "application/json"),))
            for method in ("PUT", "PATCH", "DELETE")}

PATHS = {f"path {path}": Request(target=path) for path in (
    "/api/a%20b%2Bc+d", "/api/a%2Fb%2fc", "/api/%E9%9B%AA/%e9%9b%aa", "/api/a%252Fb%25", "/api/*!'();:@&=$,~-._/x",
    "/api/end/", "/api/a//b///c", "/api/.hidden/..x/x../...", "/api/a%3Fb%23c%5Bd%5D", "/api/a;v=1/b;w", "/api/0")}
PATHS["path of 4000 characters"] = Request(target="/api/" + "long/" * 800)

QUERIES = {f"query {query}": Request(target=f"/api/echo?{query}") for query in (
    "a=1&b=2", "b=2&a=1&b=1&a=&a=1", "none&empty=", "a=b=c&d==", "q=a+b%20c%2Bd", "q=%E9%9B%AA&%e2%98%83=%f0%9f%90%8e",
    "a[]=1&a[]=2&b[c]=d", "percent=%25&double=%2520&amp=%26&eq=%3D&hash=%23&slash=%2F", "semi=a;b&star=*!()'~&at=@:,$",
    "url=http://x.example/a?b=c&d=/e/../f", "", "line=%0D%0AX-Evil:%201&nul=%00")}

HEADERS = {
    "repeated header": Request(headers=(("X-List", "2"), ("X-Other", "a"), ("X-List", "1"), ("X-List", "2"))),
    "cookies": Request(headers=(("Cookie", 'a=1; b="2, 3"; c=d=e; a=4'),)),
    "conditions, range, referer": Request(headers=(
        ("If-None-Match", 'W/"1", "2"'), ("If-Modified-Since", "Sat, 01 Aug 2026 00:00:00 GMT"), ("Range", "bytes=0-9"),
        ("Referer", "https://x.example/?a=b"), ("Origin", "https://x.example"))),
    "what is accepted": Request(headers=(
        ("Accept", "text/html;q=0.9"), ("Accept", "*/*;q=0.1"), ("Accept-Language", "de, en;q=0.5"),
        ("Accept-Encoding", "br, gzip;q=0.2"), ("User-Agent", "kit/1.0 (a; b)"))),
    "empty header, and one with quotes": Request(headers=(("X-Empty", ""), ("X-Quoted", '"a, \\"b\\"";  c="\td"'))),
    "header of 4000 characters": Request(headers=(("X-Long", "long " * 799 + "long!"),)),
    "UTF-8": Request(headers=(("X-Name", "Zoë 雪 🐎".encode().decode("latin-1")),)),
    "custom scheme of credentials elsewhere": Request(headers=(("X-Api-Key", "k"), ("X-Authorization", "Basic a"))),
}

BODIES = {
    "JSON": post("application/json; charset=utf-8", '{"snow": "雪 \\u2603", "b":  1}\r\n'.encode()),
    "type in capitals": post("APPLICATION/JSON", b"{}"),
    "own media type": post("application/vnd.api+json", b"[]"),
    "text in Latin-1": post("text/plain; charset=iso-8859-1", "Zoë".encode("latin-1")),
    "every byte": post("application/octet-stream", EVERY_BYTE),
    "no type": Request("POST", body=EVERY_BYTE),
    "one NUL": post("text/plain", b"\0"),
    "gzip": post("application/json", gzip.compress(b"{}" * 1000, mtime=0), ("Content-Encoding", "gzip")),
    "multipart": post('multipart/form-data; boundary="a b"', b'--a b\r\nContent-Disposition: form-data; name="f"; '
                      b'filename="x.bin"\r\n\r\n' + EVERY_BYTE + b"\r\n--a b--\r\n"),
    "what looks like a request": post("text/plain", b"0\r\n\r\nGET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"),
    "chunked": post("application/octet-stream", EVERY_BYTE * 8, chunked=True),
    "chunked and empty": post("text/plain", b"", chunked=True),
    "Expect: 100-continue": post("text/plain", b"go on", ("Expect", "100-continue")),
    "4 MiB": post("application/octet-stream", EVERY_BYTE * 3276 + EVERY_BYTE[:1024]),
}

FORMS = {f"form {body}": post(kind, body.encode()) for kind, body in (
    (FORM[1], "a=1&b=2"), (FORM[1], "b=2&a=1&b=1&a=&none"), (FORM[1], "q=a+b%20c%2Bd&%e9%9b%aa=%E2%98%83"),
    (FORM[1] + "; charset=UTF-8", "a=b=c&star=*!()'~&at=@:/?,"), (FORM[1], "z=1&oauth_like=2&access=3"), (FORM[1], ""))}

ALL = METHODS | PATHS | QUERIES | HEADERS | BODIES | FORMS


def check(report, gateway, backend, credential, requests):
    """Sends each request with credential and compares what arrives."""
    for name, request in requests.items():
        sent = credential.put(request, gateway)
        answer = send(gateway.host, sent.encode(gateway.host, gateway.base), sent.method)
        seen = backend.seen()
        if len(seen) != 1:
            report.equal(f"{name}: requests seen, after {answer.status} {answer.body[:300]}", len(seen), 1)
            continue
        report.equal(name, difference(arrived(seen[0]), expected(request, backend.platform)), {})
        if request.method != "HEAD":
            report.equal(f"{name}: answer", (answer.status, json.loads(answer.body)), (200, seen[0]))


def expected(request, platform):
    """What of a request must arrive."""
    values = {}
    for name, value in request.headers:
        if name.lower() not in HOP_BY_HOP | {"authorization"}:
            values.setdefault(name.lower(), []).append(text(value))
    if platform.joins:
        values = {name: [", ".join(several)] for name, several in values.items()}
    return {"method": request.method, "version": "HTTP/1.1", "path": request.path, "query": pairs(request.query),
            "length": len(request.body), "sha256": hashlib.sha256(request.body).hexdigest(), **values}


def arrived(seen):
    """The same of what a backend saw."""
    values = {}
    for name, value in seen["headers"]:
        if name.lower() not in ADDED and not name.lower().startswith("x-oauth-"):
            values.setdefault(name.lower(), []).append(text(value))
    path, _, query = seen["target"].partition("?")
    return {"method": seen["method"], "version": seen["version"], "path": path, "query": pairs(query),
            "length": seen["length"], "sha256": seen["sha256"], **values}


def text(value):
    """Some platforms take the bytes of a header for Latin-1, some for UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def pairs(query):
    """Decoded, by name; the values of a name stay in their order."""
    return sorted(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"), key=lambda pair: pair[0])


def difference(got, want):
    """What is not as it should be: got and wanted, by name."""
    return {name: (got.get(name), want.get(name))
            for name in {**got, **want} if got.get(name) != want.get(name)}
