"""requests-oauthlib, OAuth 1.0: each signature method it has, protocol
parameters in the header, the query and the body, by xAuth and three-legged. As `sign METHOD PLACE` it
signs requests for the sweep instead."""

import sys

import requests
from oauthlib.oauth1 import SIGNATURE_TYPE_AUTH_HEADER, SIGNATURE_TYPE_BODY, SIGNATURE_TYPE_QUERY
from requests_oauthlib import OAuth1Session, OAuth2Session
from requests_oauthlib.oauth1_session import TokenRequestDenied, VerifierMissing

import oauth1_checks
import three_legged
from common import ALICE, HARD, SECRETS, TEST_KEY, Report, sign_all

PLACES = {"header": SIGNATURE_TYPE_AUTH_HEADER, "query": SIGNATURE_TYPE_QUERY, "body": SIGNATURE_TYPE_BODY}


def maker(method, place, **options):
    """A function that makes sessions which sign by method, with the protocol
    parameters in place."""

    def new(client, secret=None, token=(None, None), callback=None):
        return OAuth1Session(
            client, client_secret=secret or SECRETS.get(client), signature_method=method,
            signature_type=PLACES[place], rsa_key=TEST_KEY if method.startswith("RSA") else None,
            resource_owner_key=token[0], resource_owner_secret=token[1], callback_uri=callback, **options)

    return new


def library(method, place):
    return three_legged.Library(
        new=maker(method, place), authorization_url=OAuth1Session.authorization_url,
        bearer=lambda client, token: OAuth2Session(client, token=token),
        denied=TokenRequestDenied, no_verifier=VerifierMissing,
        caller=maker(method, "header") if place == "body" else None)


def three_legs():
    for method, place, client, user, callback in (
            ("HMAC-SHA1", "header", "hard & fast/1", HARD, three_legged.HARD_CALLBACK),
            ("HMAC-SHA1", "body", "mobile", ALICE, "http://127.0.0.1:54321/callback"),
            ("HMAC-SHA256", "query", "mobile", HARD, three_legged.OUT_OF_BAND),
            ("HMAC-SHA512", "header", "mobile", ALICE, three_legged.CALLBACK),
            ("RSA-SHA1", "header", "rsa", ALICE, three_legged.CALLBACK),
            ("RSA-SHA256", "query", "rsa", HARD, three_legged.OUT_OF_BAND),
            ("RSA-SHA512", "header", "rsa", ALICE, three_legged.CALLBACK),
            ("PLAINTEXT", "header", "plaintext", ALICE, three_legged.CALLBACK)):
        report = Report(f"requests-oauthlib: three-legged, {method} in the {place}, to {callback}")
        three_legged.flow(report, library(method, place), client, user, callback)
    three_legged.denials(Report("requests-oauthlib: three-legged"), library("HMAC-SHA1", "header"))
    three_legged.exchange(Report("requests-oauthlib: from OAuth 1.0 to 2"), library("HMAC-SHA256", "header"))


def main():
    for method, place, client, user in (
            ("HMAC-SHA1", "header", "mobile", ALICE),
            ("HMAC-SHA1", "query", "hard & fast/1", HARD),
            ("HMAC-SHA256", "header", "hard & fast/1", HARD),
            ("HMAC-SHA512", "query", "mobile", ALICE),
            ("RSA-SHA1", "header", "rsa", HARD),
            ("RSA-SHA256", "query", "rsa", ALICE),
            ("RSA-SHA512", "header", "rsa", HARD),
            ("PLAINTEXT", "header", "plaintext", HARD)):
        report = Report(f"requests-oauthlib: {method} in the {place}")
        oauth1_checks.flow(report, maker(method, place), client, user)
    oauth1_checks.body_flow(Report("requests-oauthlib: HMAC-SHA1 in the body"), maker("HMAC-SHA1", "body"), maker("HMAC-SHA1", "header"))
    oauth1_checks.imported_flow(Report("requests-oauthlib: imported tokens"), maker("HMAC-SHA1", "header"))
    oauth1_checks.imported_flow(Report("requests-oauthlib: imported tokens, in the query"), maker("HMAC-SHA256", "query"))
    once = maker("HMAC-SHA1", "header", nonce="long+nonce" * 100)  # the same for each request
    report = Report("requests-oauthlib: nonce of 1000 characters")
    oauth1_checks.sign_in(report, once, "mobile", ALICE)
    oauth1_checks.refusals(Report("requests-oauthlib: OAuth 1.0 refused"), maker("HMAC-SHA1", "header"), "requests-oauthlib")
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
