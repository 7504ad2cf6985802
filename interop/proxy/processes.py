"""Starting backends and gateways, and reading what a backend saw."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BACKEND = Path(__file__).parent / "backend"
LOG = open(os.environ["INTEROP_LOG"], "ab")


@dataclass(frozen=True)
class Platform:
    """A backend, and what its platform can't tell or do."""

    name: str
    command: tuple  # with PORT for the port
    joins: bool = False  # repeated headers
    keeps: bool = True  # connections open
    verifies: bool = True  # assertions, with a JWT library
    lacks: frozenset = frozenset()  # ways of answering


PLATFORMS = (
    Platform("Flask", (sys.executable, BACKEND / "backend.py", "PORT"), joins=True,
             lacks=frozenset({"hints", "trailers"})),
    Platform("Express", ("node", os.environ["INTEROP_NODE"] + "/backend.mjs", "PORT")),
    Platform("net/http", (os.environ["INTEROP_GO"] + "/backend", "PORT")),
    Platform("PHP", ("php", "-d", "expose_php=0", "-d", "enable_post_data_reading=0", "-d", "memory_limit=512M",
                     "-S", "127.0.0.1:PORT", BACKEND / "backend.php"),
             joins=True, keeps=False, verifies=False, lacks=frozenset({"hints", "trailers", "chunked", "cut-chunked"})),
)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def process(command, port, environment):
    """Runs command until the block ends, once port takes connections."""
    running = subprocess.Popen([str(part).replace("PORT", str(port)) for part in command],
                               env=os.environ | environment, stdout=LOG, stderr=LOG)
    try:
        wait_for(running, port)
        yield
    finally:
        running.terminate()
        running.wait()


def wait_for(running, port):
    for _ in range(200):
        if running.poll() is not None:
            raise RuntimeError(f"{running.args[0]} ended with {running.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise RuntimeError(f"{running.args[0]} takes no connections")


@dataclass
class Backend:
    """A backend that runs, and the file in which it writes what it sees."""

    platform: Platform
    port: int
    file: Path
    read: int = 0  # bytes of the file

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def seen(self):
        """The requests since it was last asked."""
        with self.file.open("rb") as file:
            file.seek(self.read)
            lines = file.read()
        self.read += len(lines)
        return [json.loads(line) for line in lines.splitlines()]


@contextmanager
def backend(platform, work, issuer):
    """Runs a backend; work is the folder of what it is told to answer."""
    at = Backend(platform, free_port(), work / f"seen-{platform.name.replace('/', '-')}")
    at.file.touch()
    environment = {"SEEN": str(at.file), "ANSWERS": str(work / "answers.json"), "ISSUER": issuer}
    with process(platform.command, at.port, environment):
        yield at


class Gateway:
    """A gateway that runs or will: its port, and its URL with the stage. Its
    keys stay the same when it is started again."""

    def __init__(self, stage, keys):
        self.stage, self.keys, self.port = stage, keys, free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.base = f"/{stage}" if stage else ""
        self.url = f"http://{self.host}{self.base}"

    @contextmanager
    def serving(self, upstream, rules="", **environment):
        """Runs `gatehouse serve` in front of upstream, a URL."""
        command = [os.environ["GATEHOUSE"], "serve", "--addr", self.host, "--seed", os.environ["GATEHOUSE_SEED"],
                   "--keys", str(self.keys), "--upstream", upstream]
        command += ["--stage", self.stage] if self.stage else []
        command += ["--rules", rules] if rules else []
        with process(command, self.port, environment):
            yield self
