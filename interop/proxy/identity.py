"""What a backend is told of the caller, that nobody else can tell it, and that
it can check the assertion with an ordinary JWT library."""

import json
import time
from urllib.parse import unquote

import jwt

from carried import BINARY, EVERY_BYTE, FORM, arrived, difference, expected
from credentials import client_credentials
from http1 import Request, send

# Headers in which other proxies tell the backend who calls, or how.
FORGED = (
    "X-OAuth-User-Id", "x-oauth-client-id", "X_OAuth_User_Id", "X.OAuth.User.Id", "x_oauth_user_name", "X-OAuth_Scope",
    "X_OAUTH-SESSION", "X-OAuth-Scope", "X-OAuth-Session", "X-OAuth-Protocol", "X-OAuth-Assertion", "x_oauth_assertion",
    "X-OAuth-Other",
    "X-Forwarded-User", "X_Forwarded_User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Access-Token",
    "X-Forwarded-Preferred-Username", "X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups", "Remote-User",
    "Remote_User", "X-Remote-User", "X-Remote-Group", "X-Authenticated-User", "X-WEBAUTH-USER", "X-User", "X-User-Id",
    "X-Amzn-Oidc-Identity", "X-Amzn-Oidc-Data", "X-Amzn-Oidc-Accesstoken", "X-Goog-Authenticated-User-Email",
    "X-Goog-IAP-JWT-Assertion", "X-MS-Client-Principal", "X-MS-Client-Principal-Id", "Cf-Access-Jwt-Assertion",
    "Cf-Access-Authenticated-User-Email", "X-Consumer-Id", "X-Consumer-Username", "X-Credential-Identifier",
    "X-Client-Cert", "X-SSL-Client-Cert", "SSL_CLIENT_S_DN", "X-Forwarded-Client-Cert",
    "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Original-URL", "X_Rewrite_URL", "X-Real-IP", "True-Client-IP", "Proxy")


def echo(gateway, backend, credential, request=Request()):
    """Sends request, and returns what the backend saw of it."""
    sent = credential.put(request, gateway)
    answer = send(gateway.host, sent.encode(gateway.host, gateway.base), sent.method)
    seen = backend.seen()
    if len(seen) != 1:
        raise RuntimeError(f"{len(seen)} requests seen, after {answer.status} {answer.body[:300]}")
    return seen[0]


def identity(seen):
    """The X-OAuth headers, decoded; the assertion apart."""
    told = {name.lower(): unquote(value) for name, value in seen["headers"] if name.lower().startswith("x-oauth-")}
    return told, told.pop("x-oauth-assertion", "")


def headers(report, gateway, backend, credential, client, user, protocol):
    """A user's own headers, against GET /oauth/session."""
    who = session(gateway, credential)
    told, _ = identity(echo(gateway, backend, credential))
    report.equal("identity headers", told, {
        "x-oauth-client-id": client, "x-oauth-user-id": who["user"], "x-oauth-user-name": user[0],
        "x-oauth-scope": "read write", "x-oauth-session": who["session"], "x-oauth-protocol": protocol})


def session(gateway, credential):
    request = credential.put(Request(target="/oauth/session"), gateway)
    return json.loads(send(gateway.host, request.encode(gateway.host, gateway.base)).body)


def no_user(report, gateway, backend):
    told, _ = identity(echo(gateway, backend, client_credentials(gateway, "mobile")))
    report.equal("a client's own token names no user", sorted(told),
                 ["x-oauth-client-id", "x-oauth-protocol", "x-oauth-scope", "x-oauth-session"])


def forged(report, gateway, backend, credential):
    """All at once; none may arrive, under no name."""
    real, _ = identity(echo(gateway, backend, credential))
    seen = echo(gateway, backend, credential, Request(headers=tuple((name, "forged") for name in FORGED)))
    report.equal("forged identity never arrives", [name for name, value in seen["headers"] if "forged" in value], [])
    report.equal("and takes nothing away", identity(seen)[0], real)
    hop = Request(headers=(("Connection", "close, X-OAuth-User-Id, x-oauth-assertion"),))
    seen = echo(gateway, backend, credential, hop)
    report.equal("nor can Connection take it away", identity(seen)[0], real)
    report.equal("Connection does not arrive", [value for name, value in seen["headers"]
                                                if name.lower() == "connection" and "oauth" in value.lower()], [])


def forwarded(report, gateway, backend, credential):
    """Who forwarded what, whatever the client said of it."""
    lies = (("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "ftp"),
            ("X-Forwarded-Port", "6"), ("Forwarded", "for=6.6.6.6;host=evil.example;proto=ftp"), ("Via", "1.0 evil"))
    for what, request in (("", Request()), (", against lies", Request(headers=lies))):
        seen = {name.lower(): value for name, value in echo(gateway, backend, credential, request)["headers"]}
        port = gateway.host.rpartition(":")[2]
        report.equal("Host is the backend's" + what, seen["host"], f"127.0.0.1:{backend.port}")
        report.equal("X-Forwarded-Host, -Proto, -Port" + what, [seen.get(f"x-forwarded-{part}") for part in (
            "host", "proto", "port")], [gateway.host, "http", port])
        report.equal("X-Forwarded-For ends with the client" + what,
                     seen["x-forwarded-for"].split(", ")[-1], "127.0.0.1")
        report.equal("Forwarded" + what, seen.get("forwarded", "").split(", ")[-1],
                     f'for=127.0.0.1;host="{gateway.host}";proto=http')


def hop_by_hop(report, gateway, backend, credential):
    request = Request(headers=(("Connection", "keep-alive"), ("Keep-Alive", "timeout=5"), ("TE", "trailers"),
                               ("Proxy-Connection", "keep-alive"), ("Proxy-Authorization", "Basic Zm9yZ2Vk"),
                               ("Upgrade", "h2c"), ("Trailer", "X-Trailer"), ("X-Stays", "1")))
    seen = echo(gateway, backend, credential, request)
    report.equal("hop-by-hop headers end here", difference(arrived(seen), expected(request, backend.platform)), {})


def removed(report, gateway, backend, credential):
    """Credentials are taken out, wherever they were, and nothing else."""
    for name, body in (("", ""), ("plain", "a=1&b=2"), ("hard", "q=a+b%20c%2Bd&%e9%9b%aa=%E2%98%83&a=&a&b=c=d&*=~")):
        form = Request("POST", "/api/echo?x=1&y=a+b", (FORM,), body.encode())
        seen = echo(gateway, backend, credential, form)
        report.equal(f"credentials are gone from a form, {name or 'empty'}",
                     difference(arrived(seen), expected(form, backend.platform)), {})
        left = str([seen["target"], seen["headers"], seen["body"]])
        report.equal("and from all of the request", [part for part in (
            credential.token, "oauth_token", "access_token", "oauth_signature") if part in left], [])


def hashed(report, gateway, backend, credential):
    """oauth_body_hash covers what a signature does not."""
    for name, request in (("a binary body", Request("PUT", "/api/echo", (BINARY,), EVERY_BYTE)),
                          ("JSON", Request("POST", "/api/echo", (("Content-Type", "application/json"),), b"{}"))):
        seen = echo(gateway, backend, credential, request)
        report.equal(f"oauth_body_hash of {name}", difference(arrived(seen), expected(request, backend.platform)), {})


def assertion(report, gateway, backend, credential, client, protocol):
    """Checked by the backend; the kit shows it to the backend once more, as a
    neighbour on the backend's network might."""
    who = session(gateway, credential)
    answer = through(gateway, credential, Request(target="/api/verify"))
    claims = json.loads(answer.body).get("claims", answer.body)
    _, token = identity(backend.seen()[-1])
    report.equal("assertion: its claims", claims | {name: 0 for name in ("iat", "exp", "jti")}, {
        "iss": gateway.url, "aud": backend.origin, "sub": who["user"], "client_id": client, "scope": "read write",
        "session": who["session"], "protocol": protocol, "username": who["user_name"], "htm": "GET",
        "path": "/api/verify", "iat": 0, "exp": 0, "jti": 0})
    report.equal("assertion: for 60 seconds from now",
                 (claims["exp"] - claims["iat"], abs(time.time() - claims["iat"]) < 10), (60, True))
    head = jwt.get_unverified_header(token)
    report.equal("assertion: its head", (head["alg"], head["typ"], "kid" in head), ("ES256", "gatehouse-assertion+jwt", True))
    shown(report, backend, token)


def through(gateway, credential, request):
    request = credential.put(request, gateway)
    return send(gateway.host, request.encode(gateway.host, gateway.base), request.method)


def shown(report, backend, token):
    """Whether the backend takes an assertion that it is shown directly."""
    head, payload, end = token.split(".")
    unsigned = jwt.encode(jwt.decode(token, options={"verify_signature": False}), None, "none")
    middle = len(payload) // 2
    changed = payload[:middle] + ("A" if payload[middle] != "A" else "B") + payload[middle + 1:]
    for what, method, target, given, status in (
            ("for this request", "GET", "/api/verify", token, 200),
            ("shortly before it expires", "GET", "/api/verify?skew=50", token, 200),
            ("expired", "GET", "/api/verify?skew=61", token, 401),
            ("for another path", "GET", "/api/verify/other", token, 401),
            ("for another method", "DELETE", "/api/verify", token, 401),
            ("none", "GET", "/api/verify", "", 401),
            ("changed", "GET", "/api/verify", f"{head}.{changed}.{end}", 401),
            ("without a signature", "GET", "/api/verify", unsigned, 401)):
        request = Request(method, target, (("X-OAuth-Assertion", given),))
        answer = send(f"127.0.0.1:{backend.port}", request.encode(f"127.0.0.1:{backend.port}"), method)
        report.equal(f"assertion {what}, shown to the backend", answer.status, status)
    backend.seen()
