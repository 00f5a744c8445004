"""The keys of the record: those of the settings, else those that the service once made for itself.

They are made in ``CDS_STATE``, readable by their owner only, and are the same for all workers and for every start.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import msgspec

from cds.errors import SettingsError
from cds.settings import Settings

NAME: Final = "keys.json"


_Key: TypeAlias = Annotated[str, msgspec.Meta(min_length=32)]


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pseudonym_key: _Key
    record_keys: Annotated[tuple[_Key, ...], msgspec.Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class Secrets:
    """``warning``: what is amiss with how they are kept, "" when nothing is."""

    pseudonym_key: str = field(repr=False)
    record_keys: tuple[str, ...] = field(repr=False)
    warning: str = ""


def secrets_of(settings: Settings) -> Secrets:
    """Call once, before the workers are forked. Raises SettingsError when the file in ``CDS_STATE`` is not what it was.

    A folder that cannot be written to is no reason not to give advice: then the keys last until the service stops.
    """
    if settings.pseudonym_key and settings.record_keys:
        return Secrets(settings.pseudonym_key, settings.record_keys)
    file = settings.state / NAME
    kept, warning = _found(file) or _made(file)
    return Secrets(settings.pseudonym_key or kept.pseudonym_key, settings.record_keys or kept.record_keys, warning)


def secrets_kept(settings: Settings) -> Secrets:
    """For who works on what is stored: new keys would fit none of it. Raises SettingsError also when there are none."""
    if not (settings.pseudonym_key and settings.record_keys) and _found(settings.state / NAME) is None:
        raise SettingsError(f"there is no {NAME} in CDS_STATE, which has to be that of the service")
    return secrets_of(settings)


def check_secrets(settings: Settings) -> None:
    """Raises ``SettingsError`` as ``secrets_of`` would, and makes none."""
    if not (settings.pseudonym_key and settings.record_keys):
        _found(settings.state / NAME)


def _found(file: Path) -> tuple[_Kept, str] | None:
    """None before they are made."""
    try:
        return _read(file), _open_to_others(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SettingsError(f"{NAME} in CDS_STATE cannot be read: {error.strerror}") from error


def _read(file: Path) -> _Kept:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Kept)
    except msgspec.DecodeError as error:
        raise SettingsError(f"{NAME} in CDS_STATE is damaged: what was sealed needs it; restore it") from error


def _open_to_others(file: Path) -> str:
    return f"{NAME} in CDS_STATE can be read by others: chmod 600" if file.stat().st_mode & 0o077 else ""


def _made(file: Path) -> tuple[_Kept, str]:
    kept = _Kept(secrets.token_hex(32), (secrets.token_hex(32),))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _put(msgspec.json.encode(kept), file)
    except OSError as error:
        return kept, f"CDS_STATE cannot be written to ({error.strerror}): keys made now are lost at the next start"
    return _read(file), ""


def _put(content: bytes, file: Path) -> None:
    """All of it or nothing; of several processes that begin at once, the first one's stays."""
    draft = file.with_name(f"{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        _link(draft, file)
    finally:
        draft.unlink()


def _link(draft: Path, file: Path) -> None:
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        return  # another process was faster
