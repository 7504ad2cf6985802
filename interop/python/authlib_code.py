"""Authlib, authorization code: metadata, PKCE, state, the library's own
errors, refresh and calls. It does not look at iss, so the program does."""

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2 import OAuth2Error, rfc8414, rfc9207
from authlib.oauth2.rfc6749 import MismatchingStateException, MissingCodeException
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response

from common import ALICE, HARD, SECRETS, URL, Report
from person import answer, parameters

CALLBACK, LOOPBACK = "https://client.example/cb", "http://127.0.0.1:54321/callback"
HARD_CALLBACK = "https://client.example/cb?to=a%20b%2Bc&x="


def discover(report):
    metadata = rfc8414.AuthorizationServerMetadata(requests.get(URL + "/.well-known/oauth-authorization-server").json())
    metadata.validate(metadata_classes=[rfc9207.AuthorizationServerMetadata])
    report.equal("issuer", metadata.issuer, URL)
    report.equal("PKCE", metadata.code_challenge_methods_supported, ["S256"])
    return metadata


class Request:
    """One request of an app for its user's authorization."""

    def __init__(self, metadata, client, redirect, method, pkce=True):
        self.session = OAuth2Session(
            client, SECRETS[client], scope="read write", redirect_uri=redirect, code_challenge_method="S256",
            token_endpoint=metadata.token_endpoint, token_endpoint_auth_method=method)
        self.verifier = generate_token(48) if pkce else None
        self.url, self.state = self.session.create_authorization_url(
            metadata.authorization_endpoint, code_verifier=self.verifier)

    def fetch_token(self, came, **options):
        if self.verifier:
            options.setdefault("code_verifier", self.verifier)
        return self.session.fetch_token(authorization_response=came, state=self.state, **options)


def flow(report, request, user):
    came = answer(request.url, user, "allow")
    session, redirect = request.session, request.session.redirect_uri
    report.equal("the browser comes back to the redirect URI", came.startswith(redirect), True)
    report.equal("iss", parameters(came).get("iss"), URL)
    token = dict(request.fetch_token(came))
    who = session.get(URL + "/oauth/session").json()
    report.equal("GET /oauth/session", (who["client"], who["user_name"], who["scope"], who["protocol"]),
                 (session.client_id, user[0], "read write", "oauth2"))
    renewed = session.refresh_token()
    report.differ("refresh", renewed["access_token"], token["access_token"])
    report.equal("call with the new token", session.get(URL + "/oauth/session").status_code, 200)
    report.equal("the code again", refusal(request.fetch_token, came), "invalid_grant")
    report.equal("ends what it made", session.get(URL + "/oauth/session").status_code, 401)


def refusals(report, new):
    request = new()
    came = answer(request.url, ALICE, "deny")
    report.equal("denied", parameters(came)["error"], "access_denied")
    # Here, where the library reads the answer; its fetch_token asks for a
    # token of the client's own when there is no code.
    missing = refusal(parse_authorization_code_response, came)
    report.equal("denied, as the library says it", missing, MissingCodeException.error)
    request = new()
    came = answer(request.url, ALICE, "allow")
    forged = came.replace("state=", "state=x")
    report.equal("another state", refusal(request.fetch_token, forged), MismatchingStateException.error)
    other = generate_token(48)
    report.equal("another code_verifier", refusal(request.fetch_token, came, code_verifier=other), "invalid_grant")
    report.equal("the code is not spent by that", refusal(request.fetch_token, came), None)
    without = new(pkce=False)
    sent = requests.get(without.url, allow_redirects=False).headers["Location"]
    report.equal("public client without PKCE", parameters(sent).get("error"), "invalid_request")


def refusal(call, *args, **options):
    """The error in the words of the library's own exception."""
    try:
        call(*args, **options)
    except (OAuthError, OAuth2Error) as error:
        return error.error
    return None


def main():
    metadata = discover(Report("Authlib: metadata"))
    for how, client, redirect, method, user in (
            ("client_secret_basic", "mobile", CALLBACK, "client_secret_basic", ALICE),
            ("client_secret_post, hard characters", "hard & fast/1", HARD_CALLBACK, "client_secret_post", HARD),
            ("public client, loopback", "public", LOOPBACK, "none", HARD)):
        flow(Report(f"Authlib: code, {how}"), Request(metadata, client, redirect, method), user)
    without = Request(metadata, "mobile", LOOPBACK, "client_secret_post", pkce=False)
    flow(Report("Authlib: code, client_secret_post without PKCE"), without, ALICE)
    refusals(Report("Authlib: code refused"), lambda **options: Request(metadata, "public", LOOPBACK, "none", **options))


if __name__ == "__main__":
    main()
