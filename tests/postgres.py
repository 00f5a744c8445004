"""A PostgreSQL server of our own: tests start it, kill it and start it again."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.serving import free_port

_PATIENCE = 30  # seconds until a slow machine has started or recovered it
_PASSWORD = "p@ss/w:rd%20of-a-test"
_URL_PASSWORD = "p%40ss%2Fw%3Ard%2520of-a-test"
_FAST = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40")


class Cluster:
    """Lives as long as the test session. Its folder is short: the path of a socket may not be long."""

    password = _PASSWORD

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        self._user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        self._server: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self._make()

    def url(self, database: str) -> str:
        return f"postgresql://cds:{_URL_PASSWORD}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """The address of a new, empty one."""
        name = f"t{uuid4().hex}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        with self._connect() as connection:
            connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def start(self) -> None:
        """Tried again while it cannot: one that was killed may hold its memory a moment longer."""
        deadline = time.monotonic() + _PATIENCE
        self._spawn()
        while not self._answers():
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)
            if self._server is None or self._server.poll() is not None:
                self._spawn()

    def _spawn(self) -> None:
        options = [word for setting in _FAST for word in ("-c", setting)]
        place: list[str | Path] = [
            "-D",
            self._folder / "data",
            "-k",
            self._folder,
            "-p",
            str(self.port),
            "-h",
            "127.0.0.1",
        ]
        self._server = subprocess.Popen(
            [self.binaries / "postgres", *place, *options],
            user=self._user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )

    def kill(self) -> None:
        """All of its processes at once, with nothing written down."""
        self._signal(signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        """In order, whoever is connected."""
        os.kill(self._processes()[0], signal.SIGINT)
        self._ended()

    def freeze(self) -> None:
        """It takes connections and answers nothing, as when its disk hangs."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def remove(self) -> None:
        if self._server is not None:
            self.kill()
        shutil.rmtree(self._folder)

    def _make(self) -> None:
        (self._folder / "password").write_text(_PASSWORD)
        if self._user:
            for path in (self._folder, self._folder / "password"):
                shutil.chown(path, self._user)
        password: list[str | Path] = [
            "--pwfile",
            self._folder / "password",
            "--username",
            "cds",
            "--auth",
            "scram-sha-256",
        ]
        command = [self.binaries / "initdb", "-D", self._folder / "data", *password, "--no-sync", "--encoding", "UTF8"]
        subprocess.run(command, user=self._user, check=True, capture_output=True, cwd="/")

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=2)

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes():
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _processes(self) -> list[int]:
        """The server first, then those it has for its connections: each of them leads a group of its own."""
        assert self._server is not None
        parents = {int(status.parent.name): _parent(status) for status in Path("/proc").glob("[0-9]*/stat")}
        return [self._server.pid, *(child for child, parent in parents.items() if parent == self._server.pid)]

    def _ended(self) -> None:
        assert self._server is not None
        self._server.wait(_PATIENCE)
        self._server = None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    found = binaries()
    if found is None:
        absent = "PostgreSQL is not installed: neither initdb on PATH nor /usr/lib/postgresql/*/bin"
        if os.environ.get("CI") == "true":
            pytest.fail(absent)
        pytest.skip(absent)
    cluster = Cluster(found)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


def binaries() -> Path | None:
    on_path = shutil.which("initdb")
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = [Path(on_path).resolve()] if on_path else packaged
    return found[-1].parent if found else None


def _parent(status: Path) -> int:
    """Of a process: 0 when it has ended meanwhile."""
    try:
        return int(status.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
