"""A Flask backend for the proxy's kit: writes down what it sees, answers as it
is told, and checks the proxy's assertion. What a backend is asked for is in
../README.md. Run as: backend.py PORT"""

import base64
import hashlib
import json
import os
import sys
import time

import jwt
import waitress
from flask import Flask, Response, g, request

PORT = int(sys.argv[1])
ISSUER = os.environ["ISSUER"]
app = Flask(__name__)
keys = jwt.PyJWKClient(ISSUER + "/.well-known/jwks.json")


def seen():
    """WSGI joins repeated headers with commas."""
    body, environ = request.get_data(), request.environ
    return {
        "method": environ["REQUEST_METHOD"], "target": environ["REQUEST_URI"], "version": environ["SERVER_PROTOCOL"],
        "headers": [[name, value] for name, value in request.headers],
        "length": len(body), "sha256": hashlib.sha256(body).hexdigest(),
        "body": base64.b64encode(body[:4096]).decode(), "port": int(environ["REMOTE_PORT"]),
    }


@app.before_request
def write_down():
    g.seen = json.dumps(seen()) + "\n"
    with open(os.environ["SEEN"], "a", encoding="ascii") as file:
        file.write(g.seen)


@app.before_request
def respond():
    """Answers all requests, so that none is left to Flask's routes."""
    path = request.environ["REQUEST_URI"].partition("?")[0]
    if "/verify" in path:
        return verify(path)
    if "/answer/" in path:
        with open(os.environ["ANSWERS"], encoding="ascii") as file:
            return tell(json.load(file)[path.rpartition("/")[2]])
    return Response(g.seen, content_type="application/json")


def tell(told):
    time.sleep(told.get("seconds", 0))
    body = base64.b64decode(told["body"])
    response = Response(body if told["way"] == "whole" else parts(body, told["way"]), told["status"])
    response.headers.clear()
    response.headers.extend(told["headers"])
    return response


def parts(body, way):
    """In two parts; of a cut answer only the first."""
    yield body[:len(body) // 2]
    if way.startswith("cut"):
        raise BrokenPipeError("as told")
    yield body[len(body) // 2:]


def verify(path):
    """A skew, in seconds, is how far this backend's clock is ahead."""
    token, skew = request.headers.get("X-OAuth-Assertion", ""), request.args.get("skew", 0, int)
    try:
        claims = jwt.decode(token, keys.get_signing_key_from_jwt(token), ["ES256"], leeway=-skew,
                            audience=f"http://127.0.0.1:{PORT}", issuer=ISSUER,
                            options={"require": ["exp", "sub"], "verify_iat": skew == 0})
    except jwt.PyJWTError as error:
        return {"refused": str(error)}, 401
    if (claims["htm"], claims["path"]) != (request.method, path):
        return {"refused": "it is for another request"}, 401
    return {"claims": claims}


if __name__ == "__main__":
    waitress.serve(app, host="127.0.0.1", port=PORT, clear_untrusted_proxy_headers=False)
