"""nginx with the file of docker/, in front of two services of this machine."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest
import trustme

CONF = Path(__file__).parents[2] / "docker" / "nginx.conf"
ADDRESSES = ("172.30.241.4:8080", "172.30.241.5:8080")
Services: TypeAlias = tuple[int, int]  # their ports
_PATIENCE = 20  # seconds


class Proxy(NamedTuple):
    """``logs``: all it has written down. ``trust``: for connections to it."""

    port: int
    trust: ssl.SSLContext
    folder: Path

    def logs(self, after: str = "") -> str:
        """``after``: what is in them sooner or later; a line is written when its answer is gone."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            told = "".join((self.folder / name).read_text() for name in ("access", "errors"))
            if after in told:
                return told
            time.sleep(0.02)
        raise AssertionError(f"nothing was written of {after}")


@contextmanager
def in_front_of(services: Services, port: int, folder: Path, **instead: str) -> Iterator[Proxy]:
    """``instead``: other values for directives of the file."""
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    conf = _here(services, port, folder, authority, instead)
    command: list[str | Path] = [_nginx(), "-p", folder, "-c", conf, "-e", folder / "errors"]
    _judged(command)
    with subprocess.Popen([*command, "-g", "daemon off; master_process off;"]) as process:
        try:
            _await(port)
            yield Proxy(port, trust, folder)
        finally:
            process.terminate()


def _here(services: Services, port: int, folder: Path, authority: trustme.CA, instead: dict[str, str]) -> Path:
    """The file with the places of this machine for those of the containers, and nothing else changed."""
    issued = authority.issue_cert("localhost", "127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "certificate-key")
    issued.cert_chain_pems[0].write_to_path(folder / "certificate")
    places = {
        " /tmp/": f" {folder}/",  # before the others, which may lie there too
        **{there: f"127.0.0.1:{here}" for there, here in zip(ADDRESSES, services, strict=True)},
        **{re.escape(there): rf"127\.0\.0\.1:{here}" for there, here in zip(ADDRESSES, services, strict=True)},
        "listen 8443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/run/secrets/": f"{folder}/",
        "/dev/stdout": str(folder / "access"),
        "/dev/stderr": str(folder / "errors"),
    }
    text = CONF.read_text(encoding="utf-8")
    for there, here in places.items():
        assert there in text, there
        text = text.replace(there, here)
    for directive, value in instead.items():
        text, found = re.subn(rf"(^\s*{directive} )[^;]+;", rf"\g<1>{value};", text, flags=re.MULTILINE)
        assert 1 == found, directive
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    return folder / "nginx.conf"


def _judged(command: list[str | Path]) -> None:
    told = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True, check=False)
    assert (0, "") == (told.returncode, told.stderr)


def _nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("nginx is not installed")
    pytest.skip("nginx is not installed")


def _await(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("nginx did not start")
