"""Runs docker/compose.yaml by podman-compose, for docker/prove.py, and holds the whole to its promises.

The file runs as it is but for what a machine may lack (``_HERE``): limits of memory, processors and processes, and an
option that older releases of podman do not know. nginx and PostgreSQL are Debian's, told by NGINX_IMAGE and
POSTGRES_IMAGE. All of it has namespaces of its own for processes, mounts and networks, and ends with them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import smoke
from proof import hold, say, told
from stand_ins import DATABASE, PROXY

INSTANCES = ("cds-a", "cds-b")
BASE = "https://localhost:8443"
_PATIENCE = 120  # seconds
_NOTICED = 2  # seconds in which the proxy comes to know that an instance is back
_STORY = "cauda-equina-new-saddle-numbness"
_COUNTED = "SELECT (SELECT count(*) FROM decisions) || ' ' || (SELECT count(*) FROM feedback)"
_HERE = """
services:
  cds-a: {ulimits: {nofile: 8192, nproc: 4096}, deploy: !reset null, healthcheck: {start_interval: !reset null}}
  cds-b: {ulimits: {nofile: 8192, nproc: 4096}, deploy: !reset null, healthcheck: {start_interval: !reset null}}
  proxy: {deploy: !reset null, healthcheck: {start_interval: !reset null}}
  schema: {deploy: !reset null}
  database: {deploy: !reset null}
"""
_STORAGE = '[storage]\ndriver = "{driver}"\ngraphroot = "{store}/root"\nrunroot = "{store}/run"\n'
_CONTAINERS = """
[containers]
cgroups = "disabled"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "crun"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
"""


def apart(store: Path, image: str, compose: Path) -> None:
    """``store``: where podman has the three images. ``compose``: podman-compose."""
    own = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    done = subprocess.run([*own, sys.executable, __file__, store, image, compose], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def main(store: Path, image: str, compose: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)  # the state of podman and its networks
    if told(["stat", "-fc", "%T", "/sys/fs/cgroup"]) != "cgroup2fs":
        subprocess.run(["mount", "-t", "cgroup2", "cgroup2", "/sys/fs/cgroup"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(shutil.copytree(Path(__file__).parent, Path(folder, "docker")))
        _settings(Path(folder), store, image)
        _prove(Stack(place, compose))


def _settings(folder: Path, store: Path, image: str) -> None:
    driver = os.environ.get("STORAGE_DRIVER", "overlay")
    (folder / "storage.conf").write_text(_STORAGE.format(driver=driver, store=store), encoding="utf-8")
    (folder / "containers.conf").write_text(_CONTAINERS.format(folder=folder), encoding="utf-8")
    (folder / "docker" / "here.yaml").write_text(_HERE, encoding="utf-8")
    os.environ |= {
        "CONTAINERS_STORAGE_CONF": f"{folder}/storage.conf",
        "CONTAINERS_CONF": f"{folder}/containers.conf",
        "SSL_CERT_FILE": f"{folder}/docker/secrets/certificate.pem",
        "CDS_IMAGE": image,
        "NGINX_IMAGE": PROXY,
        "POSTGRES_IMAGE": DATABASE,
    }


class Stack:
    """The containers of the file, as long as the namespaces last."""

    def __init__(self, place: Path, compose: Path) -> None:
        self._place = place
        self._compose = [compose, "--in-pod", "false", "-p", "cds", "-f", "compose.yaml", "-f", "here.yaml"]

    def keys(self) -> dict[str, bytes]:
        subprocess.run([self._place / "keys"], check=True)
        return {path.name: path.read_bytes() for path in sorted((self._place / "secrets").iterdir())}

    def begin(self) -> None:
        """In the order of ``depends_on``, which older releases of podman cannot wait for."""
        self.up("database")
        self.compose("run", "-T", "--rm", "--no-deps", "schema")
        for instance in INSTANCES:
            self.up(instance)
        self.up("proxy")

    def up(self, name: str) -> None:
        self.compose("up", "-d", "--no-deps", "--no-build", name)
        self.await_healthy(name)

    def replace(self, name: str) -> None:
        """By a new container, with the time to stop that the file gives."""
        self.podman("stop", "--time", "45", container(name))
        self.podman("rm", container(name))
        self.up(name)

    def restart(self, name: str) -> None:
        self.podman("restart", "--time", "45", container(name))
        self.await_healthy(name)

    def end(self) -> None:
        """Volumes stay."""
        self.compose("down")

    def await_healthy(self, name: str) -> None:
        """By the health check that the file has for it."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            command = ["podman", "healthcheck", "run", container(name)]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.5)
        subprocess.run(["podman", "logs", "--tail", "50", container(name)], check=False)
        sys.exit(f"{name} did not come to be healthy")

    def compose(self, *words: str) -> str:
        return told([*self._compose, *words], self._place)

    def podman(self, *words: str) -> str:
        return told(["podman", *words])

    def counted(self) -> tuple[int, ...]:
        """Decisions and feedback."""
        psql = ("psql", "-h", "/run/postgresql", "-U", "cds", "-d", "cds", "-Atc", _COUNTED)
        return tuple(map(int, self.podman("exec", container("database"), *psql).split()))

    def come_to(self, *expected: int) -> bool:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.counted() == expected:
                return True
            time.sleep(0.2)
        return False


def container(name: str) -> str:
    return f"cds_{name}_1"


def _prove(stack: Stack) -> None:
    stack.podman("rm", "--all", "--force")  # in a store that was kept
    stack.podman("volume", "prune", "--force")
    began = time.monotonic()
    keys = stack.keys()
    stack.begin()
    say("database, tables, two instances and proxy are there", f"after {time.monotonic() - began:.0f} s")
    for name in ("database", *INSTANCES, "proxy"):
        hold(f"{name}: read-only, without capabilities or new privileges", *_held(stack, name))
    story = stack.podman("exec", container("cds-a"), "cds", "samples", "--print", _STORY).encode()
    for promise, kept in smoke.promises(BASE, story):
        hold(f"through the proxy, by TLS: {promise}", kept)
    hold("the decision and the feedback on it are in PostgreSQL", stack.come_to(1, 1), str(stack.counted()))
    hold("metrics are not at the proxy", smoke.status(BASE, "/metrics") == 404)
    _restarts(stack, story, 1)
    hold("made again, the keys are the same", stack.keys() == keys)


def _restarts(stack: Stack, story: bytes, decisions: int) -> None:
    for what, act in (
        ("one instance, then the other, is replaced", lambda: _each(stack.replace)),
        ("one instance, then the other, is restarted", lambda: _each(stack.restart)),
        ("the database is restarted", lambda: stack.restart("database")),
    ):
        with smoke.calling(BASE, story) as statuses:
            act()
        decisions += statuses[200]
        few = statuses[503] <= len(INSTANCES)  # one each, where the kernel refuses the filter
        answered = statuses[200] > 0 and set(statuses) <= {200, 503} and few
        hold(f"calls are answered while {what}", answered, str(dict(statuses)))
        hold("and all of them are recorded", stack.come_to(decisions, 1), f"{stack.counted()} of {decisions}")
    stack.restart("proxy")
    stack.end()
    stack.begin()
    hold("taken down and started again, it has its data", stack.counted() == (decisions, 1), str(stack.counted()))
    hold("and answers", smoke.status(BASE, smoke.SERVICE, story) == 200)


def _each(act: Callable[[str], None]) -> None:
    for instance in INSTANCES:
        act(instance)
        time.sleep(_NOTICED)


def _held(stack: Stack, name: str) -> tuple[bool, str]:
    asked = "{{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}} {{.HostConfig.SecurityOpt}}"
    words = stack.podman("inspect", "--format", asked, container(name))
    return words == "true [] [no-new-privileges]", words


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
