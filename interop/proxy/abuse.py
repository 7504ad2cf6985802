"""Requests as nobody should send them, byte for byte: each is refused and
never seen by the backend, or the backend sees one harmless request.

What is sent is followed by a request of its own that closes the connection: a
server that takes a part of the first for a second one shows it."""

import base64
import hashlib
import re
import socket
from dataclasses import dataclass, replace

from carried import FORM
from http1 import TIMEOUT, Request

SMUGGLED = "GET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
END = "GET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Attack:
    """Bytes, the first status allowed, and what the backend may see of them:
    method, path and length of body."""

    data: bytes
    statuses: tuple = (400,)
    seen: tuple = ()


def raw(lines, body="", statuses=(400,), seen=()):
    text = "\r\n".join([*lines, "", ""]) + body
    return Attack(text.encode("latin-1", "surrogateescape") + END.encode(), statuses, seen)


def framing(host, base, authorization):
    """Two readings of where the body ends (RFC 9112 §11.2)."""
    def post(*headers, body="", **options):
        return raw([f"POST {base}/api/echo HTTP/1.1", f"Host: {host}", authorization, *headers], body, **options)

    return {
        "CL.TE": post("Content-Length: 6", "Transfer-Encoding: chunked", body="0\r\n\r\n" + SMUGGLED,
                      statuses=(200, 400), seen=(("POST", "/api/echo", 0),)),
        "TE.CL": post("Content-Length: 4", "Transfer-Encoding: chunked",
                      body=f"{len(SMUGGLED):X}\r\n{SMUGGLED}\r\n0\r\n\r\n",
                      statuses=(200, 400), seen=(("POST", "/api/echo", len(SMUGGLED)),)),
        "two lengths": post("Content-Length: 5", "Content-Length: 6", body="hello!"),
        "two lengths in one": post("Content-Length: 5, 6", body="hello!"),
        **{f"Content-Length: {length}": post(f"Content-Length: {length}", body="hello")
           for length in ("+5", "-1", "0x5", "5 5", "5;", "", "99999999999999999999")},
        **{f"Transfer-Encoding: {coding}": post(f"Transfer-Encoding: {coding}", body=f"0\r\n\r\n{SMUGGLED}",
                                                statuses=(400, 501))
           for coding in ("identity", "xchunked", "chunked, identity", "chunked, chunked", "\x0bchunked",
                          "gzip, chunked")},
        "Transfer-Encoding twice": post("Transfer-Encoding: chunked", "Transfer-Encoding: identity",
                                        body=f"0\r\n\r\n{SMUGGLED}", statuses=(400, 501)),
        "space before the colon": post("Transfer-Encoding : chunked", "Content-Length: 5", body="0\r\n\r\n"),
        "Transfer_Encoding": post("Transfer_Encoding: chunked", "Content-Length: 5", body="0\r\n\r\n",
                                  statuses=(200, 400), seen=(("POST", "/api/echo", 5),)),
        **{f"chunk size {size!r}": post("Transfer-Encoding: chunked", body=f"{size}\r\nhello\r\n0\r\n\r\n")
           for size in ("-5", "0x5", "g", "", "fffffffffffffffff", "5 5")},
        "body of 11 MiB": post(f"Content-Length: {11 << 20}", body="1" * (11 << 20), statuses=(413,)),
        "chunk longer than its size": post("Transfer-Encoding: chunked", body="3\r\nhello\r\n0\r\n\r\n"),
    }


def heads(host, base, authorization):
    """Headers and request lines that readers take differently."""
    start = f"GET {base}/api/echo HTTP/1.1"
    echo = {"statuses": (200, 400), "seen": (("GET", "/api/echo", 0),)}

    def get(*headers, **options):
        return raw([start, f"Host: {host}", authorization, *headers], **options)

    def line(text, **options):
        return raw([text, f"Host: {host}", authorization], **options)

    return {
        "obs-fold": get("X-A: a", " X-OAuth-User-Id: forged", **echo),
        "obs-fold of the first header": raw([start, " X-OAuth-User-Id: forged", f"Host: {host}", authorization]),
        "bare CR": get("X-A: a\rX-OAuth-User-Id: forged"),
        "bare LF": get("X-A: a\nX-OAuth-User-Id: forged", **echo),
        "NUL in a value": get("X-A: a\0b"),
        "DEL in a value": get("X-A: a\x7fb"),
        "space in a name": get("X-OAuth User-Id: forged"),
        "tab after a name": get("X-OAuth-User-Id\t: forged"),
        "no name": get(": forged"),
        "no colon": get("X-OAuth-User-Id"),
        "name in Unicode": get("X-OAuth-User-\u212ad: forged".encode().decode("latin-1")),
        "two hosts": raw([start, f"Host: {host}", "Host: evil.example", authorization]),
        "no host": raw([start, authorization]),
        "host with a path": raw([start, f"Host: {host}/../x", authorization]),
        "header of 11 KiB": get("X-A: " + "a" * 11264, statuses=(431,)),
        "header of 2 MiB": get("X-A: " + "a" * (2 << 20), statuses=(431,)),
        "12000 headers": get(*["X-A: a"] * 12000, statuses=(431,)),
        "WebSocket": get("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", statuses=(501,)),
        "Via this proxy": get("Via: 1.1 gatehouse", statuses=(508,)),
        "two types": get("Content-Type: text/plain", "Content-Type: application/json"),
        "TRACE": line(f"TRACE {base}/api/echo HTTP/1.1", statuses=(400, 403, 405)),
        "CONNECT": line("CONNECT evil.example:80 HTTP/1.1", statuses=(400, 403, 405)),
        "no method": line(f" {base}/api/echo HTTP/1.1"),
        "method with a tab": line(f"GET\t{base}/api/echo HTTP/1.1"),
        "method with a colon": line(f"GE:T {base}/api/echo HTTP/1.1"),
        "HTTP/0.9": line(f"GET {base}/api/echo"),
        "HTTP/2 preface": line("PRI * HTTP/2.0", statuses=(400, 403, 404, 405, 505)),
        "HTTP/3.0": line(f"GET {base}/api/echo HTTP/3.0", statuses=(400, 505)),
        "asterisk": line("OPTIONS * HTTP/1.1", statuses=(200, 400, 403, 404)),
        "absolute form": line(f"GET http://{host}{base}/api/echo HTTP/1.1", **echo),
        "absolute form of another host": line(f"GET http://evil.example{base}/api/echo HTTP/1.1", **echo),
        "absolute form with a user": line(f"GET http://a:b@{host}{base}/api/echo HTTP/1.1", **echo),
        "other scheme": line("GET file:///etc/passwd HTTP/1.1", statuses=(400, 403, 404)),
        "fragment": line(f"GET {base}/api/echo#/../x HTTP/1.1"),
        "space in the path": line(f"GET {base}/api/echo x HTTP/1.1"),
        "//host before the path": line(f"GET //evil.example{base}/api/echo HTTP/1.1", statuses=(400, 403, 404)),
    }


# Path, and what the backend may see: nothing, or the same path.
REFUSED_PATHS = ("/api/../secret", "/api/a/../../secret", "/api/..", "/api/.", "/api/./a", "/api/%2e%2e/secret",
                 "/api/%2E%2e/secret", "/api/.%2e/secret", "/api/..%2fsecret", "/api/a%2f..%2f..%2fsecret",
                 "/api/..;/secret", "/api/..;x=1/secret", "/api/..%3b/secret", "/api/..%5csecret", "/api/..\\secret",
                 "/api/a%5c..%5csecret", "/api/%zz/../secret", "/api/../api/echo", "/api", "/apiary/echo",
                 "/API/echo", "/api;/echo", "/api%2fecho", "/.well-known/../api/echo", "/./api/echo")
KEPT_PATHS = ("/api/%252e%252e/secret", "/api/a%0d%0aX-Evil:%201", "/api/a%00b", "/api/a%c0%ae%c0%ae/b", "/api/%ff%fe",
              "/api/@evil.example/", "/api/x@evil.example:80/", "/api/http://evil.example/", "/api//evil.example/",
              "/api/...//.../", "/api/%5c%5cevil.example", "/api/a%23b%3Fc", "/api/%zz")


def paths(host, base, authorization):
    def get(path, **options):
        return raw([f"GET {base}{path} HTTP/1.1", f"Host: {host}", authorization], **options)

    other = {"/api/\xff": get("/api/\xff", statuses=(200, 400), seen=(("GET", "/api/%FF", 0),))}
    kept = {path: get(path, statuses=(200, 400), seen=(("GET", path, 0),)) for path in KEPT_PATHS}
    refused = {path: get(path, statuses=(400, 403, 404)) for path in REFUSED_PATHS}
    return {f"path {path}": attack for path, attack in (refused | kept | other).items()}


def wire(report, gateway, backend, credential):
    """All that needs one good token, so that nothing else is wrong."""
    authorization = f"Authorization: Bearer {credential.token}"
    for attacks in framing, heads, paths:
        for name, attack in attacks(gateway.host, gateway.base, authorization).items():
            try_it(report, gateway, backend, name, attack)


def try_it(report, gateway, backend, name, attack):
    statuses = shoot(gateway.host, attack.data)
    seen = backend.seen()
    arrived = [(one["method"], one["target"], one["length"]) for one in seen]
    wrong = [f"answered {status}" for status in statuses[:1] if status not in attack.statuses]
    wrong += [f"seen: {one}" for one in arrived if one not in attack.seen]
    wrong += [f"seen: {name}" for one in seen for name, value in one["headers"]
              if value == "forged" or name == "X-Evil"]
    if attack.seen and len(arrived) != statuses[:1].count(200):
        wrong.append(f"answered {statuses}, but {len(arrived)} seen")
    report.equal(f"{name}: refused" + (", or harmless" if attack.seen else ""), wrong, [])


def shoot(host, data):
    """Sends bytes, reads to the end, and returns the statuses of what came."""
    address, _, port = host.partition(":")
    came = b""
    with socket.create_connection((address, int(port)), TIMEOUT) as connection:
        try:
            connection.sendall(data)
            while part := connection.recv(65536):
                came += part
        except ConnectionError:
            pass  # it was closed before all was sent
    return [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d{3})", came, re.MULTILINE)]


def credentials(report, gateway, backend, signed, bearer):
    """Requests with something wrong about their credentials."""
    for name, request, statuses in [*wrong_tokens(signed, bearer), *two_places(gateway, signed, bearer),
                                    *changed(gateway, signed)]:
        data = request.encode(gateway.host, gateway.base) + END.encode()
        try_it(report, gateway, backend, name, Attack(data, statuses))
    replay(report, gateway, backend, signed)


def wrong_tokens(signed, bearer):
    def given(*values):
        return Request(headers=tuple(("Authorization", value) for value in values))

    return [
        ("no credentials", Request(), (401,)),
        ("junk", given("Bearer junk"), (401,)),
        ("empty token", given("Bearer "), (400, 401)),
        ("token of OAuth 1.0 as a bearer token", given(f"Bearer {signed.token}"), (401,)),
        ("token cut short", given(f"Bearer {bearer.token[:-1]}"), (401,)),
        ("Basic", given("Basic bW9iaWxlOm1vYmlsZQ=="), (401,)),
        ("token in the query", Request(target=f"/api/echo?access_token={bearer.token}"), (400, 401)),
        ("token in a form of GET", Request(headers=(FORM,), body=f"access_token={bearer.token}".encode()), (400, 401)),
        ("Authorization twice", given(f"Bearer {bearer.token}", f"Bearer {bearer.token}"), (400, 401)),
        ("two tokens in one header", given(f"Bearer {bearer.token}, Bearer {bearer.token}"), (400, 401)),
    ]


def two_places(gateway, signed, bearer):
    form = Request("POST", "/api/echo", (FORM,), b"a=1")
    everywhere = {place: replace(signed, place=place) for place in ("header", "query", "form")}
    cases = [(f"OAuth 1.0 in {one} and {other}", everywhere[other].put(everywhere[one].put(form, gateway), gateway))
             for one, other in (("header", "query"), ("query", "form"), ("form", "header"))]
    cases.append(("both protocols in the header", signed.put(bearer.put(Request(), gateway), gateway)))
    for place in ("query", "form"):
        both = bearer.put(everywhere[place].put(form, gateway), gateway)
        cases.append((f"OAuth 2 in the header and OAuth 1.0 in the {place}", both))
    extra = replace(form, body=b"a=1&access_token=" + bearer.token.encode())
    cases += [("OAuth 2 in the header and in the form", bearer.put(extra, gateway)),
              ("OAuth 2 in the form twice", replace(extra, body=extra.body + b"&" + extra.body)),
              ("OAuth 1.0 in the header and OAuth 2 in the form", signed.put(extra, gateway))]
    return [(name, request, (400, 401)) for name, request in cases]


def changed(gateway, signed):
    """Signed, then changed on the way."""
    form = Request("POST", "/api/echo?x=1", (FORM,), b"a=1&b=2")
    data = Request("PUT", "/api/echo", (("Content-Type", "application/json"),), b'{"amount": 1}')
    sent, put = signed.put(form, gateway), signed.put(data, gateway)
    by_form = replace(signed, place="form").put(form, gateway)
    return [
        ("signed, another form value", replace(sent, body=b"a=1&b=3"), (401,)),
        ("signed, a form value more", replace(sent, body=b"a=1&b=2&c=3"), (401,)),
        ("signed, a form value less", replace(sent, body=b"a=1"), (401,)),
        ("signed, another query", replace(sent, target="/api/echo?x=2"), (401,)),
        ("signed, another path", replace(sent, target="/api/other?x=1"), (401,)),
        ("signed, another method", replace(sent, method="PUT"), (401,)),
        ("signed, the form as another type",
         replace(sent, headers=(("Content-Type", "text/plain"), *sent.headers[1:])), (401,)),
        ("signed in the form, a value more", replace(by_form, body=by_form.body + b"&c=3"), (401,)),
        ("signed with the body's hash, another body", replace(put, body=b'{"amount": 9}'), (401,)),
        ("signed with the body's hash, no body", replace(put, body=b""), (401,)),
        ("signed with a wrong secret", replace(signed, secret="wrong").put(form, gateway), (401,)),
        ("oauth_body_hash of a form", hash_of_a_form(signed, form, gateway), (400, 401)),
    ]


def hash_of_a_form(signed, form, gateway):
    """The extension forbids it (Request Body Hash §4.1.1)."""
    digest = base64.b64encode(hashlib.sha256(form.body).digest()).decode()
    return replace(signed, also=(("oauth_body_hash", digest),)).put(form, gateway)


def replay(report, gateway, backend, signed):
    request = signed.put(Request("POST", "/api/echo", (FORM,), b"pay=1"), gateway).encode(gateway.host, gateway.base)
    for name, status, seen in ("the first time", 200, 1), ("again", 401, 0), ("and again", 401, 0):
        answers = shoot(gateway.host, request + END.encode())
        report.equal(f"a signed request {name}", (answers[0], len(backend.seen())), (status, seen))
