"""Authlib, OAuth 1.0: each signature method it has, protocol parameters in
the header, the query and the body, by xAuth and three-legged. As `sign METHOD PLACE` it signs
requests for the sweep instead."""

import sys

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth1Session, OAuth2Session

import oauth1_checks
import three_legged
from common import ALICE, HARD, SECRETS, TEST_KEY, URL, Report, sign_all, xauth_form

PLACES = {"header": "HEADER", "query": "QUERY", "body": "BODY"}


def maker(method, place):
    """A function that makes sessions which sign by method, with the protocol
    parameters in place."""

    def new(client, secret=None, token=(None, None), callback=None):
        return OAuth1Session(
            client, client_secret=secret or SECRETS.get(client) or "", signature_method=method,
            signature_type=PLACES[place], rsa_key=TEST_KEY if method.startswith("RSA") else None,
            token=token[0], token_secret=token[1], redirect_uri=callback, realm="Any realm")

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


def library(method, place):
    """This library goes on to send oauth_callback wherever the session goes."""
    return three_legged.Library(
        new=maker(method, place), authorization_url=OAuth1Session.create_authorization_url,
        bearer=lambda client, token: OAuth2Session(client, token=token),
        denied=OAuthError, no_verifier=OAuthError,
        caller=maker(method, "header") if place == "body" else None)


def three_legs():
    for method, place, client, user, callback in (
            ("HMAC-SHA1", "header", "hard & fast/1", HARD, three_legged.CALLBACK),
            ("HMAC-SHA1", "body", "mobile", ALICE, three_legged.CALLBACK),
            ("RSA-SHA1", "query", "rsa", HARD, "http://127.0.0.1:54321/callback"),
            ("RSA-SHA1", "header", "rsa", ALICE, three_legged.OUT_OF_BAND),
            ("PLAINTEXT", "query", "plaintext", ALICE, three_legged.CALLBACK)):
        report = Report(f"Authlib: three-legged, {method} in the {place}, to {callback}")
        three_legged.flow(report, library(method, place), client, user, callback)
    three_legged.denials(Report("Authlib: three-legged"), library("HMAC-SHA1", "header"))
    three_legged.exchange(Report("Authlib: from OAuth 1.0 to 2"), library("HMAC-SHA1", "header"))


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
    three_legs()


def sign(job):
    method, place = sys.argv[2:]
    session = maker(method, place)(job["client"], token=(job["token"] or None, job["secret"] or None))
    return session.prepare_request(requests.Request(job["method"], job["url"], data=job["form"]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["sign"]:
        sign_all(sign)
    else:
        main()
