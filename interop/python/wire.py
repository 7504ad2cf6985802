"""Sending requests byte for byte, and having them signed by another program."""

import json
import socket
import subprocess
from http.client import HTTPResponse
from urllib.parse import urlsplit


class Server:
    """One kept connection, opened again when the server closes it."""

    def __init__(self, url):
        self.host = urlsplit(url).netloc
        self.address = urlsplit(url).hostname, urlsplit(url).port
        self.socket = None

    def send(self, request):
        """Sends method, target, authorization and body as they are; returns
        status and body of the answer."""
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=10)
        self.socket.sendall(as_bytes(self.host, request))
        response = HTTPResponse(self.socket)
        response.begin()
        body = response.read().decode()
        if response.will_close:
            self.socket.close()
            self.socket = None
        return response.status, body


def as_bytes(host, request):
    lines = [f"{request['method']} {request['target']} HTTP/1.1", f"Host: {host}"]
    if request["authorization"]:
        lines.append(f"Authorization: {request['authorization']}")
    if request["body"]:
        lines.append("Content-Type: application/x-www-form-urlencoded")
    if request["body"] or request["method"].upper() != "GET":
        lines.append(f"Content-Length: {len(request['body'])}")
    return "\r\n".join([*lines, "", request["body"]]).encode("ascii")


class Signer:
    """A program that signs: a job in JSON on a line in, the request out."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)

    def sign(self, job):
        print(json.dumps(job), file=self.process.stdin, flush=True)
        request = json.loads(self.process.stdout.readline())
        url = urlsplit(request["url"])
        request["target"] = request["url"].removeprefix(f"{url.scheme}://{url.netloc}")
        return request
