"""Requests signed by the clients, sent as bytes: accepted once, refused as a
replay, and refused with one character changed, at each position of method,
path, query, Authorization header and form, freshly signed each time."""

import os
import re
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl

from common import HARD, URL, Report, xauth_form
from wire import Server, Signer

HERE = Path(__file__).parent
GO = [os.environ["INTEROP_GO"] + "/oauth1", "sign"]
NODE = ["node", os.environ["INTEROP_NODE"] + "/oauth_1_0a.mjs", "sign"]
REQUESTS = [sys.executable, HERE / "requests_oauthlib_oauth1.py", "sign"]
AUTHLIB = [sys.executable, HERE / "authlib_oauth1.py", "sign"]

# Library, command, client, signature method, place of the protocol parameters.
CASES = (
    ("dghubble/oauth1", GO, "hard & fast/1", "HMAC-SHA1", "header"),
    ("dghubble/oauth1", GO, "mobile", "HMAC-SHA256", "header"),
    ("dghubble/oauth1", GO, "rsa", "RSA-SHA1", "header"),
    ("oauth-1.0a", NODE, "hard & fast/1", "HMAC-SHA1", "header"),
    ("oauth-1.0a", NODE, "mobile", "HMAC-SHA256", "header"),
    ("requests-oauthlib", REQUESTS, "mobile", "HMAC-SHA1", "header"),
    ("requests-oauthlib", REQUESTS, "hard & fast/1", "HMAC-SHA512", "query"),
    ("requests-oauthlib", REQUESTS, "mobile", "HMAC-SHA256", "body"),
    ("requests-oauthlib", REQUESTS, "rsa", "RSA-SHA256", "query"),
    ("Authlib", AUTHLIB, "hard & fast/1", "HMAC-SHA1", "query"),
    ("Authlib", AUTHLIB, "mobile", "HMAC-SHA1", "body"),
    ("Authlib", AUTHLIB, "rsa", "RSA-SHA1", "header"),
    ("Authlib", AUTHLIB, "plaintext", "PLAINTEXT", "header"),
)

# As hard as all four libraries can sign.
QUERY = "limit=100&note=a%20b%2bc&snow=%E2%98%83&empty=&none&tilde=~&star=*!'()&percent=%2525"

FIELDS = ("method", "target", "authorization", "body")

# Behind the authorizer API Gateway has these for what is refused; an endpoint
# also says what is malformed.
REFUSED_CALL = {401, 403, 404}
REFUSED_XAUTH = {400, 401, 403, 404, 405}


def alterations(character):
    """What a character is changed to: its neighbour, and its other case."""
    if character.isascii() and character.isalnum():
        yield chr(ord(character) + 1) if character not in "9zZ" else "a"
    else:
        yield "x"
    if character.isalpha():
        yield character.swapcase()


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
            text, position, r'(?:timestamp|nonce)="([^"]*)"|([ ,]*oauth_version)=')):
        return "RFC 5849 §3.4.4: PLAINTEXT signs nothing of the request"
    return None


def within(text, position, pattern):
    """Whether position is in a group of a match of pattern."""
    return any(match.start(group) <= position < match.end(group)
               for match in re.finditer(pattern, text) for group in range(1, match.re.groups + 1))


def in_path(field, text, position):
    return field == "target" and position < (text + "?").index("?")


def sweep(send, fresh, method, refusals):
    """Sends each change; returns how many answers there were of each status,
    and the changes that were not refused."""
    answers, passed = Counter(), []
    for field in FIELDS:
        position = 0
        while position < len((request := fresh())[field]):
            for new in alterations(request[field][position]):
                if same_meaning(request, field, position, new, method):
                    continue
                text = request[field]
                changed = request | {field: text[:position] + new + text[position + 1:]}
                status = send(changed)[0]
                answers[status] += 1
                # RFC 9112 §3.2.1: a target that does not begin with "/" is malformed.
                malformed = status == 400 and field == "target" and position == 0
                if status not in refusals and not malformed:
                    passed.append(f"{status} for {field} {changed[field]!r}")
                request = fresh()
            position += 1
    return answers, passed


def check(report, send, fresh, method, refusals):
    request = fresh()
    report.equal("accepted once", send(request)[0], 200)
    if method != "PLAINTEXT" or "oauth_nonce" in str(request):
        report.equal("the same bytes again", send(request)[0], 401)
    answers, passed = sweep(send, fresh, method, refusals)
    seen = ", ".join(f"{count} with {status}" for status, count in sorted(answers.items()))
    report.equal(f"one character changed is refused ({seen})", passed[:3], [])


def main():
    server = Server(URL)
    for library, command, client, method, place in CASES:
        with Signer([*command, method, place]) as signer:
            run(server, signer, f"{library}: {method} in the {place}", client, method, place)


def run(server, signer, name, client, method, place):
    job = {"client": client, "method": "POST", "url": URL + "/oauth/access_token", "form": list(xauth_form(HARD).items())}
    fresh = lambda: signer.sign(job | {"token": "", "secret": ""})
    check(Report(f"{name}: xAuth"), server.send, fresh, method, REFUSED_XAUTH)
    if place == "body":
        return  # an authorizer sees no body
    status, body = server.send(fresh())
    token = dict(parse_qsl(body))
    job = {"client": client, "method": "GET", "url": f"{URL}/oauth/sessions?{QUERY}", "form": None,
           "token": token["oauth_token"], "secret": token["oauth_token_secret"]}
    check(Report(f"{name}: call"), server.send, lambda: signer.sign(job), method, REFUSED_CALL)


if __name__ == "__main__":
    main()
