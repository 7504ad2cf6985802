"""Verifies with Authlib."""

import time

import common
from authlib.common.errors import AuthlibBaseError
from authlib.oauth1.rfc5849.resource_protector import ResourceProtector
from authlib.oauth2.rfc6749 import ResourceProtector as BearerProtector
from authlib.oauth2.rfc6750 import BearerTokenValidator


class Client:
    def __init__(self, secret):
        self.secret = secret

    def get_client_secret(self):
        return self.secret


class Credential:
    def __init__(self, secret):
        self.secret = secret

    def get_oauth_token_secret(self):
        return self.secret


class Signatures(ResourceProtector):
    """A provider in memory, with one client and one token."""

    def __init__(self, turn):
        self.clients = {turn["client"]: Client(turn["client_secret"])}
        self.tokens = {turn["token"]: Credential(turn["token_secret"])}
        self.nonces = set()

    def get_client_by_id(self, client_id):
        return self.clients.get(client_id)

    def get_token_credential(self, request):
        return self.tokens.get(request.token)

    def exists_nonce(self, nonce, request):
        spent = (request.client_id, request.token, request.timestamp, nonce)
        if spent in self.nonces:
            return True
        self.nonces.add(spent)
        return False


def signed(turn):
    protector = Signatures(turn)

    def verify(url, method, body, headers):
        try:
            protector.validate_request(method, url, body, headers)
        except AuthlibBaseError:
            return False
        return True

    return common.signed(turn, verify, protector.nonces.clear)


class Token:
    def __init__(self):
        self.expires = time.time() + 3600

    def is_expired(self):
        return self.expires < time.time()

    def is_revoked(self):
        return False

    def get_scope(self):
        return "read"


class Tokens(BearerTokenValidator):
    def __init__(self, tokens):
        super().__init__()
        self.tokens = tokens

    def authenticate_token(self, token_string):
        return self.tokens.get(token_string)


class Request:
    def __init__(self, token):
        self.headers = {"Authorization": "Bearer " + token}


def bearer(turn):
    protector = BearerProtector()
    protector.register_token_validator(Tokens({turn["token"]: Token()}))

    def check(request):
        try:
            protector.validate_request([], request)
        except AuthlibBaseError:
            return False
        return True

    right, wrong = Request(turn["token"]), Request("x" + turn["token"])
    return common.Subject(lambda n: check(right), [lambda: check(wrong)])


common.main({"signed-get": signed, "signed-form": signed, "bearer": bearer})
