"""requests-oauthlib, authorization code: PKCE, state, the library's own
errors, refresh and calls. It does not look at iss, so the program does."""

from oauthlib.oauth2 import AccessDeniedError, InvalidGrantError, MismatchingStateError, OAuth2Error
from requests_oauthlib import OAuth2Session

from common import ALICE, HARD, URL, Report
from person import answer, parameters
from requests_oauthlib_oauth2 import SCOPE, TOKEN, basic, post, public

AUTHORIZE = URL + "/oauth/authorize"
CALLBACK, LOOPBACK, OWN_SCHEME = "https://client.example/cb", "http://127.0.0.1:54321/callback", "com.example.app:/callback"


def ask(client, redirect, user, button="allow", pkce="S256"):
    session = OAuth2Session(client, scope=SCOPE, redirect_uri=redirect, pkce=pkce)
    url, _ = session.authorization_url(AUTHORIZE)
    return session, answer(url, user, button)


def redeem(session, credentials, **answered):
    """client_id goes in the body unless it is in the header."""
    options = {name: value for name, value in credentials.items() if name != "client_id"}
    return session.fetch_token(TOKEN, include_client_id="auth" not in credentials, **answered, **options)


def flow(report, client, redirect, user, credentials, pkce):
    session, came = ask(client, redirect, user, pkce=pkce)
    report.equal("the browser comes back to the redirect URI", came.startswith(redirect), True)
    report.equal("iss", parameters(came).get("iss"), URL)
    token = dict(redeem(session, credentials, authorization_response=came))
    report.equal("scope", token["scope"], SCOPE)
    who = session.get(URL + "/oauth/session").json()
    report.equal("GET /oauth/session", (who["client"], who["user_name"], who["protocol"]), (client, user[0], "oauth2"))
    renewed = dict(session.refresh_token(TOKEN, **credentials))
    report.differ("refresh", renewed["access_token"], token["access_token"])
    report.equal("call with the new token", session.get(URL + "/oauth/session").status_code, 200)
    report.equal("the code again", refusal(session, credentials, authorization_response=came), InvalidGrantError)
    stolen = OAuth2Session(client, token=renewed)
    report.equal("ends what it made", stolen.get(URL + "/oauth/session").status_code, 401)


def refusals(report):
    app = public("public")
    session, came = ask("public", LOOPBACK, ALICE, "deny")
    report.equal("denied", refusal(session, app, authorization_response=came), AccessDeniedError)
    session, came = ask("public", LOOPBACK, ALICE)
    forged = came.replace("state=", "state=x")
    report.equal("another state", refusal(session, app, authorization_response=forged), MismatchingStateError)
    _, came = ask("public", LOOPBACK, ALICE)
    report.equal("code of another request", refusal(session, app, code=parameters(came)["code"]), InvalidGrantError)


def refusal(session, credentials, **answered):
    """The type of the library's own exception, or None."""
    try:
        redeem(session, credentials, **answered)
    except OAuth2Error as error:
        return type(error)
    return None


def main():
    for how, client, redirect, user, credentials, pkce in (
            ("public client with PKCE, loopback", "public", LOOPBACK, HARD, public("public"), "S256"),
            ("public client with PKCE, an app's scheme", "public", OWN_SCHEME, ALICE, public("public"), "S256"),
            ("client_secret_post with PKCE", "mobile", CALLBACK, ALICE, post("mobile"), "S256"),
            ("client_secret_basic without PKCE", "mobile", LOOPBACK, HARD, basic("mobile"), None)):
        flow(Report(f"requests-oauthlib: code, {how}"), client, redirect, user, credentials, pkce)
    refusals(Report("requests-oauthlib: code refused"))


if __name__ == "__main__":
    main()
