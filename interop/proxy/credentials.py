"""Tokens of both protocols, and putting them into requests at every place
where they may be. oauthlib signs; where its parameters go is written here, so
that nothing else of a request changes."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

import requests
from oauthlib import oauth1
from oauthlib.oauth1.rfc5849 import signature, utils
from requests_oauthlib import OAuth1Session

from common import SECRETS, xauth_form

HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256, "HMAC-SHA512": hashlib.sha512}


@dataclass(frozen=True)
class OAuth2:
    """An access token, as a credential in the header."""

    token: str

    def put(self, request, _gateway):
        return request.add(("Authorization", f"Bearer {self.token}"))


@dataclass(frozen=True)
class InForm:
    """An access token as a parameter of a form (RFC 6750 §2.2)."""

    token: str

    def put(self, request, _gateway):
        return replace(request, body=mix(request.form, [("access_token", self.token)]).encode())


@dataclass(frozen=True)
class OAuth1:
    """A token and its secret; place is header, query or form."""

    client: str
    token: str
    secret: str
    method: str = "HMAC-SHA256"
    place: str = "header"
    also: tuple = ()  # other protocol parameters

    def put(self, request, gateway):
        signed = self.sign(request, gateway)
        if self.place == "query":
            return replace(request, target=f"{request.path}?{mix(request.query, signed)}")
        if self.place == "form":
            return replace(request, body=mix(request.form, signed).encode())
        listed = ", ".join(f'{name}="{utils.escape(value)}"' for name, value in signed)
        return request.add(("Authorization", f'OAuth realm="proxy", {listed}'))

    def sign(self, request, gateway):
        """The protocol parameters with their signature (RFC 5849 §3.4)."""
        protocol = self.parameters(request)
        signed = protocol + [pair for text in (request.query, request.form) for pair in parse_qsl(text, True)]
        url = f"http://{gateway.host}{gateway.base}{request.path}"
        base = signature.signature_base_string(
            request.method, signature.base_string_uri(url), signature.normalize_parameters(signed))
        client = oauth1.Client(self.client, SECRETS[self.client], self.token, self.secret)
        return [*protocol, ("oauth_signature", client.SIGNATURE_METHODS[self.method](base, client))]

    def parameters(self, request):
        pairs = [("oauth_consumer_key", self.client), ("oauth_token", self.token),
                 ("oauth_signature_method", self.method), ("oauth_timestamp", str(int(time.time()))),
                 ("oauth_nonce", secrets.token_hex(8)), ("oauth_version", "1.0"), *self.also]
        if request.body and not request.form:
            digest = HASHES[self.method](request.body).digest()
            pairs.append(("oauth_body_hash", base64.b64encode(digest).decode()))
        return pairs


def mix(text, pairs):
    """Puts parameters between those of text, which stay as they are."""
    own = text.split("&") if text else []
    new = [f"{utils.escape(name)}={utils.escape(value)}" for name, value in pairs]
    mixed = []
    for turn in range(max(len(own), len(new))):
        mixed += new[turn:turn + 1] + own[turn:turn + 1]
    return "&".join(mixed)


def xauth(gateway, client, user):
    """Signs user, a name and password, in with OAuth 1.0."""
    session = OAuth1Session(client, SECRETS[client])
    token = session.fetch_request_token(gateway.url + "/oauth/access_token", data=xauth_form(user))
    return OAuth1(client, token["oauth_token"], token["oauth_token_secret"])


def password(gateway, client, user, scope="read write"):
    """Signs user, a name and password, in with OAuth 2."""
    return OAuth2(_token(gateway, client, grant_type="password", username=user[0], password=user[1], scope=scope))


def client_credentials(gateway, client):
    """A token of the client's own, without a user."""
    return OAuth2(_token(gateway, client, grant_type="client_credentials"))


def _token(gateway, client, **form):
    form |= {"client_id": client, "client_secret": SECRETS[client]}
    return requests.post(gateway.url + "/oauth/token", data=form, timeout=30).json()["access_token"]
