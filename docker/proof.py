"""What proofs share: a store of images and containers, commands that have to succeed, promises that have to be kept."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class Store:
    """Images and containers of this proof alone, in a folder that goes with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        driver = os.environ.get("STORAGE_DRIVER", "overlay")
        place = ["--root", folder / "root", "--runroot", folder / "run", "--storage-driver", driver]
        self._buildah = ["buildah", *place]
        how = ["--runtime", "crun", "--cgroup-manager", "cgroupfs", "--events-backend", "none"]
        self._podman = ["podman", *place, *how]

    def buildah(self, *words: str | Path) -> str:
        return told([*self._buildah, *words])

    def podman(self, *words: str | Path) -> list[str | Path]:
        """A command that sees cgroups as crun wants them, also where the machine still mixes both kinds."""
        script = '[ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec "$@"'
        return ["unshare", "--mount", "sh", "-c", script, "sh", *self._podman, *words]


def told(command: Sequence[str | Path], folder: Path | None = None) -> str:
    """What it writes. Ends the proof when it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout.strip()


def hold(promise: str, kept: bool, words: str = "") -> None:
    say(promise, words if kept else f"NO {words}")
    if not kept:
        raise SystemExit(1)


def say(what: str, words: str) -> None:
    print(f"{what:60} {words or 'yes'}", flush=True)
