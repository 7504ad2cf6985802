"""Authlib, OAuth 1.0: each signature method it has, and protocol parameters
in the header, the query and the body. As `sign METHOD PLACE` it signs
requests for the sweep instead."""

import sys

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth1Session

import oauth1_checks
from common import ALICE, HARD, SECRETS, TEST_KEY, URL, Report, sign_all, xauth_form

PLACES = {"header": "HEADER", "query": "QUERY", "body": "BODY"}


def maker(method, place):
    """A function that makes sessions which sign by method, with the protocol
    parameters in place."""

    def new(client, secret=None, token=(None, None)):
        return OAuth1Session(
            client, client_secret=secret or SECRETS.get(client) or "", signature_method=method,
            signature_type=PLACES[place], rsa_key=TEST_KEY if method.startswith("RSA") else None,
            token=token[0], token_secret=token[1], realm="Any realm")

    return new


def denied(report):
    """A refusal as the library reports it."""
    session = maker("HMAC-SHA1", "header")("limited")
    try:
        session.fetch_request_token(URL + "/oauth/access_token", data=xauth_form(ALICE))
    except OAuthError as refusal:
        report.equal("OAuthError", refusal.error, "fetch_token_denied")
    else:
        report.equal("OAuthError", "none", "one")


def main():
    for method, place, client, user in (
            ("HMAC-SHA1", "header", "hard & fast/1", HARD),
            ("HMAC-SHA1", "query", "mobile", ALICE),
            ("RSA-SHA1", "header", "rsa", HARD),
            ("RSA-SHA1", "query", "rsa", ALICE),
            ("PLAINTEXT", "header", "plaintext", HARD),
            ("PLAINTEXT", "query", "plaintext", ALICE)):
        report = Report(f"Authlib: {method} in the {place}")
        oauth1_checks.flow(report, maker(method, place), client, user)
    oauth1_checks.body_flow(Report("Authlib: HMAC-SHA1 in the body"), maker("HMAC-SHA1", "body"), maker("HMAC-SHA1", "header"))
    oauth1_checks.refusals(Report("Authlib: OAuth 1.0 refused"), maker("HMAC-SHA1", "header"), "Authlib")
    denied(Report("Authlib: OAuth 1.0 refused"))


def sign(job):
    method, place = sys.argv[2:]
    session = maker(method, place)(job["client"], token=(job["token"] or None, job["secret"] or None))
    return session.prepare_request(requests.Request(job["method"], job["url"], data=job["form"]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["sign"]:
        sign_all(sign)
    else:
        main()
