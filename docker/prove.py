"""Builds the image without a registry and holds it to what is promised of it: python3 docker/prove.py [--rounds N]

Needs root, and of Debian the packages buildah, crun, debootstrap and podman. The base image is made by debootstrap, the
Dockerfile is built as it is, and the image runs as an orchestrator would run it: with a user of its own, without
capabilities, its root read-only, behind the usual seccomp filter. The network is that of the machine, and no limit of
memory is set. Packages come from where PIP_INDEX_URL and PIP_CERT say, which the image does not keep.

With --stack docker/compose.yaml is run as well; docker/stack.py says how. For that: netavark, aardvark-dns, iptables.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import smoke
import stack
from proof import Store, hold, say, told
from stand_ins import make_stand_ins

ROOT = Path(__file__).parents[1]
IMAGE = "localhost/cds:proof"
PORT = 18_480
_SYSTEM = {"suite": "trixie", "packages": "python3,ca-certificates,tzdata"}
_BESIDE = {  # what an interpreter of /usr/local is linked against
    "suite": "bookworm",
    "packages": "ca-certificates,tzdata,libbz2-1.0,libdb5.3,libffi8,libgdbm6,liblzma5,libncursesw6,libnsl2,"
    "libreadline8,libsqlite3-0,libssl3,libtirpc3,libuuid1,zlib1g",
}
_INTERPRETER = "/opt/cds/bin/python"
_TOOLS = ("sh", "bash", "dash", "busybox", "gcc", "cc", "ld", "make", "pip", "pip3", "apt-get", "dpkg", "perl", "curl")
_WRITABLE = """
import os
places = [p for p, d, f in os.walk("/") if os.access(p, os.W_OK) and not p.startswith("/proc")]
print("\\n".join(places + [str(os.getuid())]))
"""
_IMPORTABLE = "import importlib.util as i; print([n for n in ('pip', 'setuptools', 'ensurepip') if i.find_spec(n)])"
_HARDENED = [
    *("--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp:rw,nosuid,nodev,noexec,size=64m", "--cap-drop=ALL"),
    *("--security-opt=no-new-privileges", "--cgroups=disabled", "--network=host"),
    *("--ulimit=nofile=8192:8192", "--ulimit=nproc=512:512"),
]
_RESIDENT = """
import os, pathlib
others = [p for p in pathlib.Path("/proc").glob("[0-9]*/smaps_rollup") if p.parts[2] != str(os.getpid())]
print(sum(int(l.split()[1]) for p in others for l in p.read_text().splitlines() if l.startswith("Pss:")) // 1024)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often the image is started")
    parser.add_argument("--store", type=Path, help="a folder that is kept, with the base image in it")
    parser.add_argument("--python", type=Path, help="prefix of an interpreter that the base has in /usr/local")
    parser.add_argument(
        "--stack", type=Path, metavar="COMMAND", help="podman-compose: runs docker/compose.yaml as well"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store((arguments.store or Path(folder)).absolute())
        store.folder.mkdir(exist_ok=True)
        began = time.monotonic()
        base = f"localhost/cds-base:{'beside' if arguments.python else 'system'}"
        if base not in store.buildah("images", "--format", "{{.Name}}:{{.Tag}}"):
            _make_base(store, base, arguments.python)
        say("base image made", f"{time.monotonic() - began:.0f} s")
        began = time.monotonic()
        _build(store, base)
        say("image built", f"{time.monotonic() - began:.0f} s, {_size(store)} MB")
        _look_inside(store)
        for _ in range(arguments.rounds):
            _run(store)
        if arguments.stack:
            make_stand_ins(store)
            stack.apart(store.folder, IMAGE, arguments.stack.absolute())


def _make_base(store: Store, base: str, python: Path | None) -> None:
    """What `python:3-slim` is made of: Debian, an interpreter, authorities and time zones."""
    system = _BESIDE if python else _SYSTEM
    with tempfile.TemporaryDirectory() as folder:
        include = f"--include={system['packages']}"
        told(["debootstrap", "--variant=minbase", include, system["suite"], folder, "http://deb.debian.org/debian"])
        if python:
            _take(python, Path(folder))
        container = store.buildah("from", "scratch")
        store.buildah("add", "--quiet", container, folder, "/")
        store.buildah("commit", "--quiet", "--rm", "--format", "docker", container, base)


def _take(python: Path, tree: Path) -> None:
    """The interpreter and its standard library, and nothing that was installed beside them."""
    (name,) = (path.name for path in (python / "lib").glob("python3.*"))
    wanted = [f"bin/{name}", f"lib/{name}", f"include/{name}"]
    wanted += [str(path.relative_to(python)) for path in (python / "lib").glob("libpython3*")]
    without = ["--exclude=__pycache__", f"--exclude=lib/{name}/test", f"--exclude=lib/{name}/site-packages"]
    archive = tree / "python.tar"
    told(["tar", "-C", python, *without, "-cf", archive, *wanted])
    told(["tar", "-C", tree / "usr" / "local", "-xf", archive])
    archive.unlink()
    for link in ("python3", "python"):
        (tree / "usr" / "local" / "bin" / link).symlink_to(name)
    told(["chroot", tree, "ldconfig"])


def _build(store: Store, base: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:
        conf.write("[global]\n")
        secrets = [f"--secret=id=pip,src={conf.name}"]
        if "PIP_INDEX_URL" in os.environ:
            conf.write(f"index-url = {os.environ['PIP_INDEX_URL']}\n")
        if "PIP_CERT" in os.environ:
            conf.write("cert = /run/secrets/authority\n")
            secrets.append(f"--secret=id=authority,src={os.environ['PIP_CERT']}")
        conf.flush()
        how = ["--isolation", "chroot", "--format", "docker", "--pull-never", "--build-arg", f"BASE_IMAGE={base}"]
        store.buildah("bud", *how, *secrets, "-f", ROOT / "docker" / "Dockerfile", "-t", IMAGE, ROOT)


def _look_inside(store: Store) -> None:
    container = store.buildah("from", "--pull-never", IMAGE)
    tree = Path(store.buildah("mount", container))
    names = {path.name for folder in ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "opt/cds/bin")
             for path in (tree / folder).glob("*")}  # fmt: skip
    hold("no shell, compiler, pip or package manager", sorted(names & set(_TOOLS)) == [], f"commands: {sorted(names)}")
    special = told(["find", tree, "-xdev", "-perm", "/6000"])
    hold("nothing runs as another user (setuid, setgid)", special == "")
    kept = [*(tree / "run").iterdir(), *tree.glob("etc/pip*"), *tree.glob("root/*")]
    hold("of the secrets of the build nothing is kept", kept == [], str(kept))
    hold("bill of materials is there", (tree / "usr/share/doc/cds/sbom.cdx.json").stat().st_size > 10_000)
    state = (tree / "var/lib/cds").stat()
    hold("its volume is closed to others", (state.st_mode & 0o777, state.st_uid) == (0o700, 10_001))
    store.buildah("rm", container)


def _run(store: Store) -> None:
    with _running(store) as (name, seconds):
        say("ready", f"after {seconds:.1f} s")
        within = lambda *words: told(store.podman("exec", name, *words))  # noqa: E731
        hold("nothing that installs can be imported", within(_INTERPRETER, "-c", _IMPORTABLE) == "[]")
        *places, user = within(_INTERPRETER, "-c", _WRITABLE).splitlines()
        outside = [place for place in places if not place.startswith(("/var/lib/cds", "/tmp", "/dev"))]
        hold("its user is not root", user == "10001", user)
        hold("nothing outside the volume, /tmp and /dev can be written", outside == [], str(outside))
        hold("its own health check", within("cds", "healthy").startswith("200"))
        story = within("cds", "samples", "--print", "cauda-equina-new-saddle-numbness").encode()  # told as of today
        for promise, kept in smoke.promises(f"http://127.0.0.1:{PORT}", story):
            hold(promise, kept)
        answered = within("cds", "samples", f"http://127.0.0.1:{PORT}").count("PASS")
        hold("the sample requests are answered as expected", answered > 0, str(answered))
        say("memory of its processes", f"{within(_INTERPRETER, '-c', _RESIDENT)} MB, what they share counted once")
        began = time.monotonic()
        finished = smoke.answered_after(lambda: told(store.podman("kill", "--signal", "TERM", name)), PORT, story)
        hold("a call under way is answered after SIGTERM", finished)
        code = told(store.podman("wait", name))
        hold("and it ends with 0", code == "0", f"{code} after {time.monotonic() - began:.1f} s")


@contextmanager
def _running(store: Store) -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as state:
        os.chown(state, 10_001, 10_001)
        name = f"cds-{os.getpid()}"
        settings = [f"--env=CDS_PORT={PORT}", "--env=CDS_WORKERS=2", "--volume", f"{state}:/var/lib/cds"]
        told(store.podman("run", "--detach", "--name", name, *_HARDENED, *settings, IMAGE))
        began = time.monotonic()
        try:
            if not smoke.await_ready(PORT):
                subprocess.run(store.podman("logs", name), check=True)
                sys.exit("it did not come to be ready")
            yield name, time.monotonic() - began
        finally:
            told(store.podman("rm", "--force", "--time", "40", name))


def _size(store: Store) -> int:
    container = store.buildah("from", "--pull-never", IMAGE)
    size = int(told(["du", "-sm", store.buildah("mount", container)]).split()[0])
    store.buildah("rm", container)
    return size


if __name__ == "__main__":
    main()
