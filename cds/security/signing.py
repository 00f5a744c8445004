"""Signatures over a folder of rulesets: which files it has, to the byte, and nothing beside them.

What is loaded is a copy, made of the very bytes that were verified: there is no moment between the two.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import jwt
import msgspec

from cds.errors import InputError, Problem, RulesetError
from cds.ruleset.files import Refused, content
from cds.security import strict
from cds.security.keys import Key
from cds.security.signing_keys import ALGORITHMS, private_key

NAME: Final = "signature.jws"
"""In the folder of the rulesets, and the one file that is not signed."""

_TYPE: Final = "cds-rulesets+jws"  # a token that is signed with the same key is no signature of rulesets
_SIGNATURES: Final = jwt.PyJWS(algorithms=ALGORITHMS)


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``files``: by path, with the SHA-256 of each. ``signed``: when, for people."""

    files: dict[str, str]
    signed: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What lies in a folder. ``links``: to folders, which would be read and not be listed."""

    files: frozenset[str]
    links: frozenset[str]


def signature(folder: Path, key: bytes, now: datetime) -> tuple[bytes, Manifest]:
    """``key``: private, in PEM. What belongs into the file ``NAME``. Raises ``InputError``."""
    signing, algorithm = private_key(key)
    listed = _listed(folder)
    if listed.links:
        raise InputError(f"{_shown(min(listed.links))} is a link to a folder, and cannot be signed")
    try:
        manifest = Manifest(
            {name: _digest(content(folder / name, folder)) for name in sorted(listed.files)}, _told(now)
        )
        payload = msgspec.json.encode(manifest)
    except Refused as error:
        raise InputError(f"a file of {folder} {error}") from error
    except UnicodeEncodeError as error:
        raise InputError(f"a file of {folder} has a name that is not in UTF-8") from error
    return _SIGNATURES.encode(payload, signing, algorithm, {"typ": _TYPE}).encode() + b"\n", manifest


def verified(folder: Path, keys: Iterable[Key]) -> Manifest:
    """Raises ``RulesetError`` with every file that is not as it was signed."""
    return _read(folder, keys, lambda *_: None)


@contextmanager
def signed_copy(folder: Path, keys: Iterable[Key]) -> Iterator[Path]:
    """A copy of exactly what was signed, in a place that is this user's alone, until the block ends. Raises as
    ``verified`` does.
    """
    place = Path(tempfile.mkdtemp(prefix="cds-rulesets-"))
    copy = place / (folder.name or "rulesets")
    held = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_SH)  # systemd leaves what is old in /tmp alone while somebody has a lock on it
        copy.mkdir()
        _read(folder, keys, lambda name, found: _write(copy / name, found))
        yield copy
    finally:
        os.close(held)
        shutil.rmtree(place, ignore_errors=True)


def _read(folder: Path, keys: Iterable[Key], take: Callable[[str, bytes], None]) -> Manifest:
    """``take`` is given every file, by name, in the bytes that were held against the manifest."""
    manifest, listed = _manifest(folder, keys), _listed(folder)
    wrong = dict.fromkeys(listed.links, "is a link to a folder, and not signed")
    wrong |= dict.fromkeys(listed.files - manifest.files.keys(), "was not there when the folder was signed")
    wrong |= dict.fromkeys(manifest.files.keys() - listed.files, "was signed, and is missing")
    for name in sorted(listed.files & manifest.files.keys()):
        try:
            found = content(folder / name, folder)
        except Refused as error:
            wrong[name] = str(error)
            continue
        if _digest(found) == manifest.files[name]:
            take(name, found)
        else:
            wrong[name] = "is not as it was signed"
    if wrong:
        raise RulesetError(tuple(_problem(folder, name, wrong[name]) for name in sorted(wrong)))
    return manifest


def _manifest(folder: Path, keys: Iterable[Key]) -> Manifest:
    if not (folder / NAME).exists():
        raise _refused(folder, "there is no such file: the rulesets are not signed")
    try:
        text = content(folder / NAME, folder).strip()
        header = strict.members(strict.unpacked(text.partition(b".")[0]))
    except (Refused, ValueError) as error:
        raise _refused(folder, "is no signature as `cds sign` writes it") from error
    if header.keys() != {"alg", "typ"} or header["typ"] != _TYPE or header["alg"] not in ALGORITHMS:
        raise _refused(folder, "is a signature for another purpose")
    payload = next(_payloads(text, header["alg"], keys), None)
    if payload is None:
        raise _refused(folder, "is signed with another key, or was changed since")
    try:
        return msgspec.json.decode(payload, type=Manifest)
    except msgspec.DecodeError as error:
        raise _refused(folder, "is signed, and no list of files that this release understands") from error


def _payloads(text: bytes, algorithm: str, keys: Iterable[Key]) -> Iterator[bytes]:
    """Of each key that it is signed with."""
    for key in keys:
        if algorithm in key.algorithms:
            with suppress(jwt.PyJWTError):
                payload: bytes = _SIGNATURES.decode(text, key.public, algorithms=[algorithm])
                yield payload


def _listed(folder: Path) -> Listed:
    """Raises ``InputError`` without a folder."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder of rulesets")
    files, links = set[str](), set[str]()
    for place, folders, names in os.walk(folder):
        here = Path(place)
        files.update((here / name).relative_to(folder).as_posix() for name in names)
        links.update((here / name).relative_to(folder).as_posix() for name in folders if (here / name).is_symlink())
    return Listed(frozenset(files - {NAME}), frozenset(links))


def _write(path: Path, found: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(found)


def _digest(found: bytes) -> str:
    return hashlib.sha256(found).hexdigest()


def _told(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _refused(folder: Path, message: str) -> RulesetError:
    return RulesetError((_problem(folder, NAME, message),))


def _problem(folder: Path, name: str, message: str) -> Problem:
    return Problem(_shown(f"{folder.name}/{name}"), 1, message)


def _shown(name: str) -> str:
    """Whoever may add a file chooses its name, also what a terminal obeys."""
    return name if name.isprintable() else json.dumps(name)
