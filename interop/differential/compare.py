"""Makes the base string of each request on standard input with oauthlib, and
the signature where there is one, and compares them with those of the line.
Takes how many requests there must be, and what to call them."""

import json
import sys
from types import SimpleNamespace
from urllib.parse import urlsplit

from oauthlib.oauth1.rfc5849 import signature

FORM = "application/x-www-form-urlencoded"


def base_string(request):
    """RFC 5849 §3.4.1.1, by oauthlib. Which bodies are forms is its caller's
    to say (§3.4.1.3.1)."""
    is_form = request["content_type"].partition(";")[0].strip().lower() == FORM
    params = signature.collect_parameters(
        uri_query=urlsplit(request["url"]).query,
        body=request["body"] if is_form else None,
        headers={"Authorization": request["authorization"]} if request["authorization"] else {})
    return signature.signature_base_string(
        request["method"], signature.base_string_uri(request["url"]), signature.normalize_parameters(params))


def sign(base, request):
    client = SimpleNamespace(client_secret=request.get("client_secret", ""), resource_owner_secret=request.get("token_secret", ""))
    return signature.sign_hmac_sha1_with_client(base, client)


def main():
    want, name = int(sys.argv[1]), sys.argv[2]
    compared = signed = 0
    differences = []
    for text in sys.stdin:
        request = json.loads(text)
        base = base_string(request)
        compared += 1
        if base != request["base_string"]:
            differences.append((request, "base string", base))
        elif "signature" in request:
            signed += 1
            if sign(base, request) != request["signature"]:
                differences.append((request, "signature", sign(base, request)))
        if len(differences) == 5:
            break
    for request, what, theirs in differences:
        print(f"FAIL oauthlib: {what} of {name}: {request!r}, and oauthlib's is {theirs!r}")
    if compared != want or compared == 0 or signed == 0:
        print(f"FAIL oauthlib: {compared} base strings and {signed} signatures of {name} were compared, of {want}")
        return 1
    if differences:
        return 1
    print(f"ok   oauthlib: the same {compared} base strings and {signed} signatures of {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
