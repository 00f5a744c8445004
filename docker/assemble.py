"""Gathers what the service runs on into the folder that becomes the image: python assemble.py FOLDER.

Taken is what is named here, and what that is linked against. So the image has no shell, no compiler, no package manager
and no way to install anything. It runs in the builder, by the interpreter of the service.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ENVIRONMENT = Path(sys.prefix)
STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))
STATE, USER = "var/lib/cds", 10_001  # the volume, which is the only place the service writes to, and whose it is
SYSTEM = (
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/openssl.cnf",
    "/usr/share/zoneinfo",
)
_OPENED_LATER = "libgcc_s.so.1"  # by glibc, when a thread ends: nothing is linked against it
_COMMANDS = ("cds", "python", "python3", f"python3.{sys.version_info.minor}")
_UNUSED = shutil.ignore_patterns("__pycache__", "*.pyi", "*.pyx", "*.pxd", "STU3", "testing")
_UNUSED_STANDARD = shutil.ignore_patterns(
    "__pycache__", "config-*", "dist-packages", "site-packages", "EXTERNALLY-MANAGED",
    "_tkinter*", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tkinter", "turtledemo",
)  # fmt: skip
_LINKED = re.compile(r"(/\S+) \(0x[0-9a-f]+\)")
_USERS = {
    "passwd": f"root:x:0:0:root:/:/nonexistent\ncds:x:{USER}:{USER}:cds:/{STATE}:/nonexistent\n",
    "group": f"root:x:0:\ncds:x:{USER}:\n",
}


def main(image: Path) -> None:
    _folders(image)
    _environment(image)
    shutil.copytree(STANDARD_LIBRARY, _inside(image, STANDARD_LIBRARY), symlinks=True, ignore=_UNUSED_STANDARD)
    for path in (_interpreter(), *map(Path, SYSTEM), *_libraries(image)):
        _copy(path, image)
    subprocess.run(["ldconfig", "-r", image], check=True)  # an interpreter in /usr/local finds its library by that
    for package in sorted(_packages(image)):
        _say_whose(package, image)
    for name, lines in _USERS.items():
        (image / "etc" / name).write_text(lines, encoding="utf-8")
    _compile(image)
    subprocess.run(["chmod", "-R", "u+rwX,go+rX,go-w", image / "srv"], check=True)  # whatever they were outside


def _environment(image: Path) -> None:
    """Without the commands of libraries, and without what a debugger would read of their extension modules. Libraries
    that a wheel brought along were edited when it was made, and do not bear that.
    """
    environment = _inside(image, ENVIRONMENT)
    shutil.copytree(ENVIRONMENT, environment, symlinks=True, ignore=_UNUSED)
    for command in (environment / "bin").iterdir():
        if command.name not in _COMMANDS:
            command.unlink()
    modules = [path for path in environment.rglob("*.so") if not path.parent.name.endswith(".libs")]
    subprocess.run(["strip", "--strip-debug", *modules], check=True)


def _folders(image: Path) -> None:
    """As the base image has them: where /lib is a link to /usr/lib, so it is here."""
    for name in ("lib", "lib64"):
        if Path("/", name).is_symlink():
            (image / "usr" / name).mkdir(parents=True, exist_ok=True)
            (image / name).symlink_to(f"usr/{name}")
    for name in ("etc", "opt", "proc", "sys", "dev", "run", "tmp"):
        (image / name).mkdir(parents=True, exist_ok=True)
    (image / "tmp").chmod(0o1777)
    (image / STATE).mkdir(parents=True, mode=0o700)
    os.chown(image / STATE, USER, USER)


def _interpreter() -> Path:
    """What the environment's own name for it leads to."""
    path = Path(sys.executable)
    while path.is_relative_to(ENVIRONMENT):
        path = path.parent / path.readlink()
    return path


def _inside(image: Path, path: Path) -> Path:
    return image / path.relative_to("/")


def _copy(path: Path, image: Path) -> None:
    """With the links on the way, so that a file is there once."""
    target = _inside(image, path)
    if target.is_symlink() or target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        target.symlink_to(path.readlink())
        _copy(Path(os.path.normpath(path.parent / path.readlink())), image)
    elif path.is_dir():
        shutil.copytree(path, target, symlinks=True)
    else:
        shutil.copy2(path, target)


def _libraries(image: Path) -> set[Path]:
    """What the interpreter and all extension modules that were taken are linked against, outside the environment."""
    modules = [
        Path("/", path.relative_to(image)) for path in image.rglob("*.so*") if path.is_file() and ".so" in path.suffixes
    ]
    command = ["ldd", str(Path(sys.executable).resolve()), *map(str, modules)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # 1 where one is linked to none
    missing = sorted(set(re.findall(r"(\S+) => not found", told)))
    if missing:
        sys.exit(f"the base image lacks {', '.join(missing)}")
    found = {Path(path) for path in _LINKED.findall(told)}
    libc = next(path for path in found if path.name == "libc.so.6")
    return {path for path in found if not path.is_relative_to(ENVIRONMENT)} | {libc.with_name(_OPENED_LATER)}


def _packages(image: Path) -> set[str]:
    """Those of the base image that something was taken from; what lies in /usr/local belongs to none."""
    taken = [Path("/", path.relative_to(image)) for path in image.rglob("*") if not path.is_dir()]
    system = [path for path in taken if not path.is_relative_to(ENVIRONMENT) and path.parts[1] != "srv"]
    before_usr = [
        Path("/", *path.parts[2:]) for path in system if path.parts[1] == "usr"
    ]  # as older releases list them
    command = ["dpkg-query", "--search", *system, *before_usr]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # 1 where one belongs to none
    owned = [line for line in told.splitlines() if not line.startswith("diversion by ")]
    return {package for line in owned for package in line.rpartition(": ")[0].split(", ")}


def _say_whose(package: str, image: Path) -> None:
    """Its licence, and its entry where scanners look for it in images that have no package manager."""
    name = package.partition(":")[0]
    entry = subprocess.run(["dpkg-query", "--status", package], capture_output=True, check=True).stdout
    target = image / "var/lib/dpkg/status.d" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(entry)
    _copy(Path("/usr/share/doc", name, "copyright"), image)


def _compile(image: Path) -> None:
    """Byte code made once, and never compared with its source: both are read-only."""
    for folder in (_inside(image, ENVIRONMENT), _inside(image, STANDARD_LIBRARY)):
        done = compileall.compile_dir(
            folder, quiet=1, stripdir=image, prependdir="/",
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )  # fmt: skip
        if not done:
            sys.exit(f"{folder} could not be compiled")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
