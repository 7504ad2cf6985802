"""Backends that are down, slow or broken: the client gets 502 or 504 in JSON
without a detail, and nothing that may matter is sent twice."""

import json
import socket
import struct
import threading
import time

import answers
from common import ALICE
from credentials import password
from http1 import Request
from identity import through
from processes import free_port

IMPATIENT = {"UPSTREAM_TIMEOUT": "1"}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

# What a broken server sends before it closes the connection.
BROKEN = {
    "nothing": b"",
    "garbage": b"\x16\x03\x01\x02\x00 hello\r\n\r\n",
    "HTTP/0.9": b"<html></html>\r\n\r\n",
    "no status": b"HTTP/1.1\r\n\r\n",
    "status 99": b"HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
    "status 600": b"HTTP/1.1 600 High\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "status 1000": b"HTTP/1.1 1000 Long\r\nContent-Length: 0\r\n\r\n",
    "101 that nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "only 103": b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n",
    "only a head": OK + b"Content-Length: 5\r\n",
    "a body cut short": OK + b"Content-Length: 10\r\n\r\nshort",
    "chunks cut short": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
    "a chunk cut short": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nsho",
    "a wrong chunk size": OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nshort\r\n0\r\n\r\n",
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "a negative length": OK + b"Content-Length: -5\r\n\r\nhello",
    "an unknown coding": OK + b"Transfer-Encoding: gzip\r\n\r\nhello",
    "a header without a colon": OK + b"Broken\r\n\r\n",
    "a control character in a header's name": OK + b"Bro\x01ken: 1\r\nContent-Length: 0\r\n\r\n",
    "a NUL in a header": OK + b"X-A: a\0b\r\nContent-Length: 0\r\n\r\n",
    "a bare CR in a header": OK + b"X-A: a\rX-B: b\r\nContent-Length: 0\r\n\r\n",
    "a header of 1 MiB": OK + b"X-Long: " + b"a" * (1 << 20) + b"\r\n\r\n",
    "a length of 7 MB": OK + b"Content-Length: 7000000\r\n\r\n",
    "a body of 7 MB without a length": OK + b"\r\n" + b"7" * 7_000_000,
}


class Broken:
    """A server that answers each connection's requests with the same bytes."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.requests = 0
        self.answer = lambda connection, turn: None
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            turn = 0
            while read_request(connection):
                self.requests += 1
                turn += 1
                try:
                    if not self.answer(connection, turn):
                        return
                except OSError:
                    return  # the gateway has had enough

    def count(self):
        """How many requests came since it was last asked."""
        count, self.requests = self.requests, 0
        return count


def read_request(connection):
    """Reads one request to its end; False when there is none."""
    came = b""
    try:
        while b"\r\n\r\n" not in came:
            came += (part := connection.recv(65536))
            if not part:
                return False
        head, _, body = came.partition(b"\r\n\r\n")
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while length and len(body) < int(length[0][15:]):
            body += connection.recv(65536)
    except ConnectionError:
        return False
    return True


def once(data):
    """Sends bytes, then the connection is closed."""
    return lambda connection, turn: connection.sendall(data)


def reset(connection, turn):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang(connection, turn):
    connection.recv(1)  # until the gateway gives up


def drip(connection, turn):
    connection.sendall(OK + b"Content-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b".")
        time.sleep(0.1)


def endless(connection, turn):
    connection.sendall(OK + b"\r\n")
    while True:
        connection.sendall(b"7" * 65536)


def endless_hints(connection, turn):
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" * 100)


def dies_when_kept(connection, turn):
    """Answers one request of a connection, and closes it on the next."""
    if turn > 1:
        return False
    connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")
    return True


def check(report, gateway):
    """Against servers that are broken; what frameworks do is in real()."""
    server = Broken()
    with gateway.serving(f"http://127.0.0.1:{server.port}", **IMPATIENT):
        credential = password(gateway, "mobile", ALICE)
        for name, data in BROKEN.items():
            fails(report, gateway, credential, server, name, once(data), 502)
        for name, answer, status in (("a reset", reset, 502), ("a body without an end", endless, 502),
                                     ("hints without an end", endless_hints, 502), ("no answer in time", hang, 504),
                                     ("a body that drips", drip, 504)):
            fails(report, gateway, credential, server, name, answer, status)
        kept(report, gateway, credential, server)
    down(report, gateway)


def fails(report, gateway, credential, server, name, answer, status):
    """A POST, which must not be sent twice."""
    server.answer = answer
    began = time.monotonic()
    got = through(gateway, credential, Request("POST", "/api/pay", (), b"1"))
    took = time.monotonic() - began
    report.equal(f"{name}: {status} in JSON", in_words(got), (status, *WORDS[status]))
    report.equal(f"{name}: sent once, soon over", (server.count(), took < 3), (1, True))


WORDS = {502: ("bad_gateway", []), 504: ("gateway_timeout", [])}


def in_words(answer):
    """Status and code, and what the description should not tell."""
    try:
        refusal = json.loads(answer.body)
    except ValueError:
        return answer.status, answer.body[:100], []
    described = refusal.get("error_description", "")
    told = [word for word in ("127.0.0.1", "tcp", "dial", "EOF", "proxy:", "http:") if word in described]
    return answer.status, refusal.get("error"), told


def kept(report, gateway, credential, server):
    """A kept connection that ends under a request."""
    server.answer = dies_when_kept
    for method, status, count in (("GET", 200, 2), ("POST", 502, 1)):
        through(gateway, credential, Request(target="/api/first"))
        server.count()
        got = through(gateway, credential, Request(method, "/api/second"))
        report.equal(f"a kept connection dies under a {method}", (got.status, server.count()), (status, count))


def down(report, gateway):
    """Nobody listens, or the name has no address (RFC 6761 §6.4)."""
    nobody = f"http://127.0.0.1:{free_port()}"
    for name, upstream in (("nobody listens", nobody), ("no address", "http://backend.invalid")):
        with gateway.serving(upstream, **IMPATIENT):
            credential = password(gateway, "mobile", ALICE)
            got = through(gateway, credential, Request("POST", "/api/pay", (), b"1"))
            report.equal(f"{name}: 502 in JSON", in_words(got), (502, *WORDS[502]))


def real(report, gateway, backend, credential):
    """What a framework's backend can do wrong; its answers are read to the
    end, so that it sees no connection broken."""
    for name in answers.CUT:
        if name not in backend.platform.lacks:
            got = answers.ask(gateway, credential, name, "POST")
            report.equal(f"an answer {name}: 502", in_words(got), (502, *WORDS[502]))
            report.equal(f"an answer {name}: asked once", len(backend.seen()), 1)
    got = answers.ask(gateway, credential, "too-large")
    report.equal("an answer of 7 MiB: 502 that says so", (in_words(got), b"larger" in got.body), ((502, *WORDS[502]), True))
    backend.seen()
    again = through(gateway, credential, Request())
    report.equal("then all is well", (again.status, len(backend.seen())), (200, 1))


def slow(report, gateway, backend):
    """A gateway that waits one second, before a backend that takes four."""
    with gateway.serving(backend.origin, **IMPATIENT):
        credential = password(gateway, "mobile", ALICE)
        got = answers.ask(gateway, credential, "slow", "POST")
        report.equal("slow: 504 in JSON", in_words(got), (504, *WORDS[504]))
        report.equal("slow: asked once", len(backend.seen()), 1)


def reuse(report, gateway, backend, credential):
    """One connection serves one request after another."""
    for turn in range(10):
        through(gateway, credential, Request(("GET", "POST", "DELETE")[turn % 3], body=b"1" * (turn % 2)))
    ports = {one["port"] for one in backend.seen()}
    if backend.platform.keeps:
        report.equal("10 requests, one connection", len(ports), 1)
