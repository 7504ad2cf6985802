"""HTTP/1.1 as bytes: requests exactly as they are given, answers as they came."""

import socket
from dataclasses import dataclass, replace
from http.client import HTTPResponse

TIMEOUT = 30  # seconds, so that a fault ends the kit


@dataclass(frozen=True)
class Request:
    """A request below the gateway's base path. Its target, header values and
    body are sent as they are."""

    method: str = "GET"
    target: str = "/api/echo"
    headers: tuple = ()
    body: bytes = b""
    chunked: bool = False

    def add(self, *headers):
        return replace(self, headers=(*self.headers, *headers))

    def values(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]

    @property
    def form(self):
        """The body, where it is a form."""
        kinds = self.values("Content-Type")
        is_form = kinds and kinds[0].lower().startswith("application/x-www-form-urlencoded")
        return self.body.decode() if is_form else ""

    def encode(self, host, base=""):
        lines = [f"{self.method} {base}{self.target} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.chunked:
            lines.append("Transfer-Encoding: chunked")
        elif self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        return head + (chunks(self.body) if self.chunked else self.body)


def chunks(body, size=1000):
    """The chunked coding (RFC 9112 §7.1), with an extension and a trailer."""
    parts = [body[start:start + size] for start in range(0, len(body), size)]
    coded = b"".join(b"%X;extension=1\r\n%s\r\n" % (len(part), part) for part in parts)
    return coded + b"0\r\nX-Trailer: sent\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple
    body: bytes

    def values(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def value(self, name):
        return ", ".join(self.values(name))


def send(host, data, method="GET"):
    """Sends bytes to host, an address and port, and reads one answer."""
    address, _, port = host.partition(":")
    with socket.create_connection((address, int(port)), TIMEOUT) as connection:
        connection.sendall(data)
        return receive(connection, method)


def receive(connection, method):
    response = HTTPResponse(connection, method=method)
    response.begin()
    return Answer(response.status, tuple(response.getheaders()), response.read())
