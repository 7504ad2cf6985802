"""What every OAuth 1.0 session of the requests library is taken through.
requests-oauthlib and Authlib name these calls alike; `new` makes a session of
the one or the other: new(client, secret=..., token=...)."""

from urllib.parse import parse_qs

from common import ALICE, HARD, HARD_PATH, HARD_QUERY, TOKENS, URL, current, xauth_form


def flow(report, new, client, user):
    """From the token to its end, twice: revoked, and signed out."""
    session = sign_in(report, new, client, user)
    who = calls(report, session, client, user)
    report.equal("POST /oauth/revoke", session.post(URL + "/oauth/revoke").status_code, 200)
    refused(report, "call after revocation", session)

    session = sign_in(report, new, client, user)
    other = session.get(URL + "/oauth/session").json()["session"]
    report.differ("a second sign-in is another session", other, who)
    ended = session.delete(URL + "/oauth/sessions/" + other)
    report.equal("DELETE /oauth/sessions/{id}", ended.status_code, 204)
    refused(report, "call after signing out", session)


def sign_in(report, new, client, user):
    """Neither library has a word for xAuth. Their fetch_request_token posts
    any form and keeps the token of the answer, whichever token that is."""
    session = new(client)
    token = session.fetch_request_token(URL + "/oauth/access_token", data=xauth_form(user))
    report.equal("xAuth: screen_name", token["screen_name"], user[0])
    report.equal("xAuth: x_auth_expires", token["x_auth_expires"], "0")
    return session


def calls(report, session, client, user):
    """Signed calls; returns the session's id."""
    who = session.get(URL + "/oauth/session").json()
    report.equal("GET /oauth/session", (who["client"], who["user_name"], who["scope"], who["protocol"]),
                 (client, user[0], "read write", "oauth1"))
    answer = session.get(URL + "/oauth/sessions?" + HARD_QUERY)
    report.equal("GET with hard characters in the query", current(answer), who["session"])
    # The signature holds, and there is no such session.
    report.equal("DELETE with hard characters in the path", session.delete(URL + HARD_PATH).status_code, 404)
    # An authorizer sees no body, so it cannot check what a form adds (RFC 5849 §3.4.1.3.1).
    form = session.delete(URL + HARD_PATH, data={"a": "b"})
    report.equal("signed form where the body is not seen", form.status_code, 403)
    return who["session"]


def imported_flow(report, new):
    """Apps go on by the tokens that an older provider gave them."""
    for token in TOKENS:
        session = new(token["client"], token=(token["token"], token["secret"]))
        calls(report, session, token["client"], (token["user_name"], None))
        refused(report, "wrong token secret", new(token["client"], token=(token["token"], "wrong")))
        refused(report, "another client", new("mobile", token=(token["token"], token["secret"])))
    refused(report, "token that nobody issued", new(TOKENS[0]["client"], token=("junk", "junk")))


def body_flow(report, in_body, in_header):
    """Parameters in the body are for the endpoints that see bodies."""
    client = "hard & fast/1"
    session = sign_in(report, in_body, client, HARD)
    caller = in_header(client, token=(session.token["oauth_token"], session.token["oauth_token_secret"]))
    report.equal("call", caller.get(URL + "/oauth/session").status_code, 200)
    report.equal("POST /oauth/revoke", session.post(URL + "/oauth/revoke").status_code, 200)
    refused(report, "call after revocation", caller)


def refused(report, what, session):
    report.equal(what, session.get(URL + "/oauth/session").status_code, 401)


def refusals(report, new, library):
    wrong = xauth(new("mobile"), (f"guessed by {library}", "wrong"))
    report.equal("wrong password", outcome(wrong), (401, "permission_denied"))
    unknown = xauth(new("mobile"), (f"nobody of {library}", "wrong"))
    report.equal("unknown user, in the same words", (unknown.status_code, unknown.text), (wrong.status_code, wrong.text))
    thief = new("mobile", secret="wrong")
    report.equal("wrong client secret", outcome(xauth(thief, ALICE)), (401, "signature_invalid"))
    report.equal("client that may not use xAuth", outcome(xauth(new("limited"), ALICE)), (401, "permission_denied"))
    stranger = new("stranger", secret="wrong")
    report.equal("unknown client", outcome(xauth(stranger, ALICE)), (401, "consumer_key_unknown"))
    forger = new("mobile", token=("junk", "junk"))
    refused(report, "token that was not issued here", forger)


def xauth(session, user):
    return session.post(URL + "/oauth/access_token", data=xauth_form(user))


def outcome(response):
    return response.status_code, parse_qs(response.text).get("oauth_problem", [""])[0]
