"""Makes images from packages of Debian that stand in for those of nginx and PostgreSQL where there is no registry."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from proof import Store, say, told

PROXY, DATABASE = "localhost/cds-nginx:proof", "localhost/cds-postgres:proof"
_PACKAGES = "nginx-light,curl,postgresql"
_STARTER = Path(__file__).with_name("start-database")
_HOME, _USER = "var/lib/postgresql", 999  # as in the image of PostgreSQL
_PATH = "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/17/bin"


def make_stand_ins(store: Store) -> None:
    if DATABASE in store.buildah("images", "--format", "{{.Name}}:{{.Tag}}"):
        return
    with tempfile.TemporaryDirectory() as folder:
        packages = f"--include={_PACKAGES}"
        told(["debootstrap", "--variant=minbase", packages, "trixie", folder, "http://deb.debian.org/debian"])
        _prepare(Path(folder))
        container = store.buildah("from", "scratch")
        store.buildah("add", "--quiet", container, folder, "/")
        store.buildah("config", "--env", _PATH, container)
        store.buildah("commit", "--quiet", "--format", "docker", container, PROXY)
        os.chown(Path(store.buildah("mount", container), _HOME, "data"), _USER, _USER)  # what is added is root's
        store.buildah("umount", container)
        store.buildah("config", "--entrypoint", f'["{_STARTER.name}"]', container)
        store.buildah("commit", "--quiet", "--rm", "--format", "docker", container, DATABASE)
    say("images made that stand in for nginx and PostgreSQL", "")


def _prepare(tree: Path) -> None:
    shutil.rmtree(tree / _HOME)
    (tree / _HOME / "data").mkdir(parents=True)
    for name in ("run/postgresql", "run/secrets"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    with (tree / "etc/passwd").open("a", encoding="utf-8") as users:
        users.write(f"database:x:{_USER}:{_USER}::/{_HOME}:/usr/sbin/nologin\n")  # initdb asks for its name
    shutil.copy(_STARTER, tree / "usr/local/bin")
