"""Verifies with oauthlib."""

import time

import common
from oauthlib.common import UNICODE_ASCII_CHARACTER_SET
from oauthlib.oauth1 import RequestValidator, ResourceEndpoint
from oauthlib.oauth2 import BearerToken
from oauthlib.oauth2 import RequestValidator as BearerValidator
from oauthlib.oauth2 import ResourceEndpoint as BearerEndpoint


class Signatures(RequestValidator):
    """A provider in memory, with one client and one token."""

    client_key_length = access_token_length = (1, 100)
    nonce_length = (1, 100)
    safe_characters = set(UNICODE_ASCII_CHARACTER_SET) | {"_", "-"}
    timestamp_lifetime = 300

    def __init__(self, turn):
        super().__init__()
        self.turn, self.nonces = turn, set()

    dummy_client = dummy_access_token = "nobody"

    def validate_client_key(self, client_key, request):
        return client_key == self.turn["client"]

    def validate_access_token(self, client_key, token, request):
        return token == self.turn["token"]

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request,
                                     request_token=None, access_token=None):
        spent = (client_key, access_token, timestamp, nonce)
        if spent in self.nonces:
            return False
        self.nonces.add(spent)
        return True

    def get_client_secret(self, client_key, request):
        return self.turn["client_secret"]

    def get_access_token_secret(self, client_key, token, request):
        return self.turn["token_secret"]


def signed(turn):
    validator = Signatures(turn)
    endpoint = ResourceEndpoint(validator)

    def verify(url, method, body, headers):
        return endpoint.validate_protected_resource_request(url, method, body, headers)[0]

    return common.signed(turn, verify, validator.nonces.clear)


class Tokens(BearerValidator):
    """Tokens in a dictionary."""

    def __init__(self, tokens):
        self.tokens = tokens

    def validate_bearer_token(self, token, scopes, request):
        known = self.tokens.get(token)
        if not known or known["expires"] < time.time() or not set(scopes) <= known["scope"]:
            return False
        request.client, request.user = known["client"], known["user"]
        return True


def bearer(turn):
    token = {"client": "mobile", "user": "u1", "scope": {"read"}, "expires": time.time() + 3600}
    validator = Tokens({turn["token"]: token})
    endpoint = BearerEndpoint("Bearer", {"Bearer": BearerToken(validator)})

    def check(token):
        return endpoint.verify_request("https://api.example.com/x", "GET", None, {"Authorization": "Bearer " + token}, [])[0]

    return common.Subject(lambda n: check(turn["token"]), [lambda: check("x" + turn["token"])])


common.main({"signed-get": signed, "signed-form": signed, "bearer": bearer})
