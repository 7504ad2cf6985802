"""A program that signs a user in by xAuth (OAuth 1.0), calls the API with signed
requests, and signs out. There is nothing to refresh: its token works until it is
revoked. It needs `pip install requests-oauthlib`."""

import os
from urllib.parse import parse_qsl

from requests_oauthlib import OAuth1Session

URL = os.environ["GATEHOUSE_URL"]
CLIENT = os.environ["GATEHOUSE_CLIENT"]
SECRET = os.environ["GATEHOUSE_SECRET"]


def session(token=None, secret=None):
    """A requests.Session that signs each request anew. One that failed is sent again
    by calling it again: a signature, with its nonce, works once."""
    return OAuth1Session(CLIENT, client_secret=SECRET, resource_owner_key=token,
                         resource_owner_secret=secret, signature_method="HMAC-SHA256")


def sign_in(name, password):
    """The token and its secret, to store where only this app can read them. The
    password is forgotten."""
    answer = session().post(URL + "/oauth/access_token", timeout=10, data={
        "x_auth_mode": "client_auth", "x_auth_username": name, "x_auth_password": password})
    credentials = dict(parse_qsl(answer.text))
    if answer.status_code == 401 and credentials.get("oauth_problem") == "permission_denied":
        raise ValueError("wrong name or password")
    answer.raise_for_status()  # 429: too many tries, Retry-After says how long to wait
    return credentials["oauth_token"], credentials["oauth_token_secret"]


def main():
    api = session(*sign_in(os.environ["GATEHOUSE_USER"], os.environ["GATEHOUSE_PASSWORD"]))
    answer = api.get(URL + "/oauth/session", timeout=10)
    answer.raise_for_status()
    print("signed in:", answer.text)

    # A form would be signed too, but an authorizer sees no body: send JSON, or
    # parameters in the query, in any order and with any characters.
    answer = api.get(URL + "/oauth/session", params={"q": "a b+c&d=é", "page": 2}, timeout=10)
    print("with a query:", answer.text)

    api.post(URL + "/oauth/revoke", timeout=10).raise_for_status()
    print("signed out:", api.get(URL + "/oauth/session", timeout=10).status_code)


if __name__ == "__main__":
    main()
