"""Requests signed by the clients, sent as bytes: accepted once, refused as a
replay, and refused with one character changed, at each position of method,
path, query, Authorization header and form, freshly signed each time."""

import os
import re
import sys
from collections import Counter
from itertools import count
from pathlib import Path
from urllib.parse import parse_qsl

from common import HARD, URL, Report, xauth_form
from wire import Server, Signer

HERE = Path(__file__).parent
GO = [os.environ["INTEROP_GO"] + "/oauth1", "sign"]
NODE = ["node", os.environ["INTEROP_NODE"] + "/oauth_1_0a.mjs", "sign"]
REQUESTS = [sys.executable, HERE / "requests_oauthlib_oauth1.py", "sign"]
AUTHLIB = [sys.executable, HERE / "authlib_oauth1.py", "sign"]

# Library, command, client, signature method, place of the protocol parameters;
# every position, or every so-manieth where the library takes long to sign.
CASES = (
    ("dghubble/oauth1", GO, "hard & fast/1", "HMAC-SHA1", "header", 1),
    ("dghubble/oauth1", GO, "mobile", "HMAC-SHA256", "header", 1),
    ("dghubble/oauth1", GO, "rsa", "RSA-SHA1", "header", 1),
    ("oauth-1.0a", NODE, "hard & fast/1", "HMAC-SHA1", "header", 1),
    ("oauth-1.0a", NODE, "mobile", "HMAC-SHA256", "header", 1),
    ("requests-oauthlib", REQUESTS, "mobile", "HMAC-SHA1", "header", 1),
    ("requests-oauthlib", REQUESTS, "hard & fast/1", "HMAC-SHA512", "query", 1),
    ("requests-oauthlib", REQUESTS, "mobile", "HMAC-SHA256", "body", 1),
    ("requests-oauthlib", REQUESTS, "rsa", "RSA-SHA256", "query", 83),
    ("Authlib", AUTHLIB, "hard & fast/1", "HMAC-SHA1", "query", 1),
    ("Authlib", AUTHLIB, "mobile", "HMAC-SHA1", "body", 1),
    ("Authlib", AUTHLIB, "rsa", "RSA-SHA1", "header", 83),
    ("Authlib", AUTHLIB, "plaintext", "PLAINTEXT", "header", 1),
)

# As hard as all four libraries can sign.
QUERY = "limit=100&note=a%20b%2bc&snow=%E2%98%83&empty=&none&tilde=~&star=*!()&percent=%2525"

FIELDS = ("method", "target", "authorization", "body")

# Behind the authorizer API Gateway has these for what is refused; an endpoint
# also says what is malformed.
REFUSED_CALL = {401, 403, 404}
REFUSED_XAUTH = {400, 401, 403, 404, 405}


def neighbour(character):
    """Another character of the same kind."""
    if character.isascii() and character.isalnum():
        return chr(ord(character) + 1) if character not in "9zZ" else "a"
    return "x"


def changes(fresh, method, step):
    """Freshly signed requests, each with one character changed to its
    neighbour or to its other case; every step-th position of each field."""
    for field in FIELDS:
        for turn in count():
            request, position = fresh(), turn // 2 * step
            text = request[field]
            if position >= len(text):
                break
            new = (neighbour, str.swapcase)[turn % 2](text[position])
            if new != text[position] and not same_meaning(request, field, position, new, method):
                yield field, position, request | {field: text[:position] + new + text[position + 1:]}


def same_meaning(request, field, position, new, method):
    """The clause by which a change is no change of meaning, or None."""
    text, old = request[field], request[field][position]
    flipped = new.lower() == old.lower()
    if field == "authorization" and position < len("OAuth") and flipped:
        return "RFC 5849 §3.5.1, RFC 9110 §11.1: the scheme's name is case-insensitive"
    if field == "authorization" and within(text, position, r'realm="([^"]*)"'):
        return "RFC 5849 §3.4.1.3.1: realm is not signed"
    if field == "authorization" and within(text, position, r'(realm)="') and flipped:
        return "RFC 9110 §11.2: names of challenge parameters are case-insensitive"
    if flipped and not in_path(field, text, position) and within(text, position, r"%([0-9A-Fa-f]{2})"):
        return "RFC 3986 §2.1: %2b is %2B, and RFC 5849 §3.4.1.3.1 decodes before it signs"
    if method == "PLAINTEXT" and (field != "authorization" or within(
            text, position, r'( ?oauth_(?:timestamp|nonce))="([^"]*)"|( ?oauth_version|realm)=')):
        return "RFC 5849 §3.4.4, §3.1: PLAINTEXT signs nothing of the request and needs neither timestamp nor nonce"
    return None


def within(text, position, pattern):
    """Whether position is in a group of a match of pattern."""
    return any(match.start(group) <= position < match.end(group)
               for match in re.finditer(pattern, text) for group in range(1, match.re.groups + 1))


def in_path(field, text, position):
    return field == "target" and position < (text + "?").index("?")


def check(report, send, fresh, method, refusals, step):
    request = fresh()
    report.equal("accepted once", send(request)[0], 200)
    report.equal("the same bytes again", send(request)[0], 401)
    answers, passed = Counter(), []
    for field, position, changed in changes(fresh, method, step):
        status = send(changed)[0]
        answers[status] += 1
        # RFC 9112 §3.2.1: a target that does not begin with "/" is malformed.
        malformed = status == 400 and field == "target" and position == 0
        if status not in refusals and not malformed:
            passed.append((status, field, position, changed[field]))
    seen = ", ".join(f"{number} with {status}" for status, number in sorted(answers.items()))
    report.equal(f"one character changed is refused ({seen})", passed[:3], [])


def main():
    server = Server(URL)
    for library, command, client, method, place, step in CASES:
        with Signer([*command, method, place]) as signer:
            name = f"{library}: {method} in the {place}"
            xauth = {"client": client, "method": "POST", "url": URL + "/oauth/access_token",
                     "form": list(xauth_form(HARD).items()), "token": "", "secret": ""}
            check(Report(f"{name}: xAuth"), server.send, lambda: signer.sign(xauth), method, REFUSED_XAUTH, step)
            if place == "body":
                continue  # an authorizer sees no body
            token = dict(parse_qsl(server.send(signer.sign(xauth))[1]))
            call = {"client": client, "method": "GET", "url": f"{URL}/oauth/sessions?{QUERY}", "form": None,
                    "token": token["oauth_token"], "secret": token["oauth_token_secret"]}
            check(Report(f"{name}: call"), server.send, lambda: signer.sign(call), method, REFUSED_CALL, step)


if __name__ == "__main__":
    main()
