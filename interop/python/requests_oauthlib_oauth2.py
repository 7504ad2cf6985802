"""requests-oauthlib, OAuth 2: tokens by password, calls, refresh, revocation,
and refusals as this client sees them."""

from urllib.parse import quote_plus

import requests
from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient, OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from common import ALICE, HARD, SECRETS, URL, Report, current

TOKEN, REVOKE = URL + "/oauth/token", URL + "/oauth/revoke"
SCOPE = ["read", "write"]


def basic(client):
    """requests joins id and secret as they are; RFC 6749 §2.3.1 has each
    form-encoded first, which matters where they have hard characters."""
    return {"auth": HTTPBasicAuth(quote_plus(client), quote_plus(SECRETS[client]))}


def post(client):
    return {"client_id": client, "client_secret": SECRETS[client]}


def public(client):
    return {"client_id": client}


def new_session(client, scope=SCOPE, **options):
    return OAuth2Session(client=LegacyApplicationClient(client, scope=scope), scope=scope, **options)


def fetch(session, user, credentials):
    """The password grant; client_id goes in the body unless it is in the header."""
    options = {name: value for name, value in credentials.items() if name != "client_id"}
    return session.fetch_token(TOKEN, username=user[0], password=user[1],
                               include_client_id="auth" not in credentials, **options)


def flow(report, client, user, credentials):
    session = new_session(client)
    token = dict(fetch(session, user, credentials))
    who = session.get(URL + "/oauth/session").json()
    report.equal("GET /oauth/session", (who["client"], who["user_name"], who["scope"], who["protocol"]),
                 (client, user[0], "read write", "oauth2"))
    report.equal("GET /oauth/sessions", current(session.get(URL + "/oauth/sessions")), who["session"])
    refresh(report, session, token, credentials)
    expired(report, client, session, credentials)
    revoke(report, session, credentials)


def refresh(report, session, token, credentials):
    renewed = dict(session.refresh_token(TOKEN, **credentials))
    report.differ("refresh: the access token is a new one", renewed["access_token"], token["access_token"])
    report.differ("refresh: the refresh token is a new one", renewed["refresh_token"], token["refresh_token"])
    again = session.refresh_token(TOKEN, refresh_token=token["refresh_token"], **credentials)
    report.equal("refresh again within the grace period: the same tokens",
                 (again["access_token"], again["refresh_token"]), (renewed["access_token"], renewed["refresh_token"]))
    report.equal("call with the new token", session.get(URL + "/oauth/session").status_code, 200)


def expired(report, client, session, credentials):
    """The library refreshes a token that it knows to be expired."""
    if "auth" in credentials:
        return  # its automatic refresh can only post the client's secret
    kept = []
    automatic = new_session(client, token={**session.token, "expires_in": -30, "expires_at": None},
                            auto_refresh_url=TOKEN, auto_refresh_kwargs=credentials, token_updater=kept.append)
    report.equal("call with an expired token refreshes it", automatic.get(URL + "/oauth/session").status_code, 200)
    report.equal("and hands over the new tokens", len(kept), 1)
    session.token = automatic.token


def revoke(report, session, credentials):
    """oauthlib makes the request of RFC 7009, its user sends it."""
    client = LegacyApplicationClient(session.client_id)
    fields = {name: value for name, value in credentials.items() if name != "auth"}
    url, headers, body = client.prepare_token_revocation_request(
        REVOKE, session.token["refresh_token"], token_type_hint="refresh_token", **fields)
    answer = requests.post(url, headers=headers, data=body, auth=credentials.get("auth"))
    report.equal("revoke", answer.status_code, 200)
    report.equal("call afterwards is refused", session.get(URL + "/oauth/session").status_code, 401)
    error = refusal(session.refresh_token, TOKEN, **credentials)
    report.equal("refresh afterwards is refused", error.error, "invalid_grant")


def refusals(report):
    name = "requests-oauthlib"
    mobile = post("mobile")
    wrong = refusal(fetch, new_session("mobile"), (f"guessed by {name}", "wrong"), mobile)
    report.equal("wrong password", type(wrong).__name__, "InvalidGrantError")
    unknown = refusal(fetch, new_session("mobile"), (f"nobody of {name}", "wrong"), mobile)
    report.equal("unknown user, in the same words", str(unknown), str(wrong))
    for credentials in (post("mobile") | {"client_secret": "wrong"}, public("mobile"), {"auth": ("mobile", "wrong")}):
        thief = refusal(fetch, new_session("mobile"), ALICE, credentials)
        report.equal(f"wrong client secret ({', '.join(credentials)})", type(thief).__name__, "InvalidClientError")
    limited = refusal(fetch, new_session("limited"), ALICE, post("limited"))
    report.equal("grant that the client may not use", type(limited).__name__, "UnauthorizedClientError")
    greedy = refusal(fetch, new_session("mobile", ["read", "admin"]), ALICE, mobile)
    report.equal("scope beyond the client's", type(greedy).__name__, "InvalidScopeError")
    robot = OAuth2Session(client=BackendApplicationClient("mobile"))
    token = robot.fetch_token(TOKEN, client_secret=SECRETS["mobile"])
    report.equal("client_credentials", (sorted(token.scopes), token.get("refresh_token")), (["read", "write"], None))


def refusal(call, *args, **options):
    """The library's own exception, or one of no error when there was none."""
    try:
        call(*args, **options)
    except OAuth2Error as error:
        return error
    return OAuth2Error("not refused")


def narrowed(report):
    session = new_session("mobile", ["read"])
    fetch(session, ALICE, post("mobile"))
    report.equal("part of the scope", session.get(URL + "/oauth/session").json()["scope"], "read")


def main():
    for how, client, user, credentials in (
            ("client_secret_basic", "mobile", ALICE, basic("mobile")),
            ("client_secret_post", "mobile", ALICE, post("mobile")),
            ("client_secret_basic, hard characters", "hard & fast/1", HARD, basic("hard & fast/1")),
            ("client_secret_post, hard characters", "hard & fast/1", HARD, post("hard & fast/1")),
            ("public client", "public", HARD, public("public")),
            ("public client with an empty secret by Basic", "public", ALICE, {"auth": HTTPBasicAuth("public", "")})):
        flow(Report(f"requests-oauthlib: {how}"), client, user, credentials)
    narrowed(Report("requests-oauthlib: OAuth 2"))
    refusals(Report("requests-oauthlib: OAuth 2 refused"))


if __name__ == "__main__":
    main()
