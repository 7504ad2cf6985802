"""Three-legged OAuth 1.0 (RFC 5849 §2), and from its token to OAuth 2 tokens
(RFC 8693), for the sessions of both Python libraries."""

from collections.abc import Callable
from dataclasses import dataclass

from common import ALICE, HARD, SECRETS, URL
from person import answer, parameters

REQUEST_TOKEN, AUTHORIZE, ACCESS_TOKEN = URL + "/oauth/request_token", URL + "/oauth/authorize", URL + "/oauth/access_token"
CALLBACK = "https://client.example/cb"
HARD_CALLBACK = "https://client.example/cb?to=a%20b%2Bc&x="
OUT_OF_BAND = "oob"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"


@dataclass
class Library:
    """Where the libraries differ."""

    new: Callable  # (client, token=, callback=): a session that signs
    authorization_url: Callable  # (session, url): where the user goes
    bearer: Callable  # (client, token): a session with an OAuth 2 token
    denied: type  # what it raises when the server refuses a token
    no_verifier: type  # what it raises when the user refused
    caller: Callable | None = None  # like new, for calls, where sessions sign in the body


def flow(report, library, client, user, callback):
    """From temporary credentials to a call and the token's end."""
    session, came = ask(report, library, client, user, callback)
    temporary = session.token["oauth_token"], session.token["oauth_token_secret"]
    if callback != OUT_OF_BAND:
        report.equal("the browser comes back to the callback", came.startswith(callback), True)
        came = session.parse_authorization_response(came)["oauth_verifier"]
    session.fetch_access_token(ACCESS_TOKEN, verifier=came)
    caller = session
    if library.caller:
        caller = library.caller(client, token=(session.token["oauth_token"], session.token["oauth_token_secret"]))
    who = caller.get(URL + "/oauth/session").json()
    report.equal("GET /oauth/session", (who["client"], who["user_name"], who["scope"], who["protocol"]),
                 (client, user[0], "read write", "oauth1"))
    again = library.new(client, token=temporary)
    report.equal("the verifier again", refused(library, again, came), "refused")
    report.equal("call afterwards", caller.get(URL + "/oauth/session").status_code, 200)
    report.equal("POST /oauth/revoke", session.post(URL + "/oauth/revoke").status_code, 200)
    report.equal("call after revocation", caller.get(URL + "/oauth/session").status_code, 401)


def ask(report, library, client, user, callback, button="allow"):
    """Returns the session with its temporary credentials, and what the person
    brings: an address to go to, or a verifier."""
    session = library.new(client, callback=callback)
    asked = session.fetch_request_token(REQUEST_TOKEN)
    report.equal("oauth_callback_confirmed", asked["oauth_callback_confirmed"], "true")
    return session, answer(library.authorization_url(session, AUTHORIZE), user, button)


def refused(library, session, verifier):
    try:
        session.fetch_access_token(ACCESS_TOKEN, verifier=verifier)
    except library.denied:
        return "refused"
    return "not refused"


def denials(report, library):
    session, came = ask(report, library, "mobile", ALICE, CALLBACK, "deny")
    report.equal("denied: oauth_problem", parameters(came).get("oauth_problem"), "user_refused")
    session.parse_authorization_response(came)
    try:
        session.fetch_access_token(ACCESS_TOKEN)
    except library.no_verifier as error:
        report.equal("denied, as the library says it", "verifier" in str(error), True)
    else:
        report.equal("denied", "a token", "none")
    report.equal("denied: a made-up verifier", refused(library, session, "gthv_junk"), "refused")

    _, verifier = ask(report, library, "mobile", ALICE, OUT_OF_BAND)
    other = library.new("mobile", callback=OUT_OF_BAND)
    other.fetch_request_token(REQUEST_TOKEN)
    report.equal("verifier of other temporary credentials", refused(library, other, verifier), "refused")
    for what, client, callback in (("callback that is not registered", "mobile", "https://client.example/cb/"),
                                   ("client that may not use OAuth 1.0", "limited", OUT_OF_BAND)):
        try:
            library.new(client, callback=callback).fetch_request_token(REQUEST_TOKEN)
        except library.denied:
            report.equal(what, "refused", "refused")
        else:
            report.equal(what, "not refused", "refused")


def exchange(report, library):
    """An app moves its user to OAuth 2, under its own client or another one,
    while the old token lives on."""
    session, verifier = ask(report, library, "mobile", HARD, OUT_OF_BAND)
    session.fetch_access_token(ACCESS_TOKEN, verifier=verifier)
    linked = {"client_id": "hard & fast/1", "client_secret": SECRETS["hard & fast/1"]}
    for what, client, fields in (
            ("its own client", "mobile", {}),
            ("its own client, all parameters", "mobile", {"subject_token": session.token["oauth_token"],
                                                          "subject_token_type": ACCESS_TOKEN_TYPE, "scope": "read write"}),
            ("a linked public client", "public", {"client_id": "public"}),
            ("a linked client with a secret", "hard & fast/1", linked)):
        answered = session.post(URL + "/oauth/token", data={"grant_type": TOKEN_EXCHANGE, **fields})
        report.equal(f"exchange for {what}", answered.status_code, 200)
        report.equal("issued_token_type", answered.json()["issued_token_type"], ACCESS_TOKEN_TYPE)
        who = library.bearer(client, answered.json()).get(URL + "/oauth/session").json()
        report.equal("GET /oauth/session", (who["client"], who["user_name"], who["scope"], who["protocol"]),
                     (client, HARD[0], "read write", "oauth2"))
    report.equal("the old token works on", session.get(URL + "/oauth/session").json()["protocol"], "oauth1")
    stranger = session.post(URL + "/oauth/token", data={"grant_type": TOKEN_EXCHANGE, "client_id": "limited",
                                                        "client_secret": SECRETS["limited"]})
    report.equal("exchange for a client that is not linked", stranger.status_code, 400)
    session.post(URL + "/oauth/revoke")
    late = session.post(URL + "/oauth/token", data={"grant_type": TOKEN_EXCHANGE})
    report.equal("exchange of a revoked token", (late.status_code, late.json().get("error")), (400, "invalid_request"))
