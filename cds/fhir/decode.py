"""From bytes to resources: one optimistic pass over the whole body, a lenient one if something does not fit."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Raw

from cds.errors import RequestError
from cds.fhir.bundles import READ_TYPES, AnyResource, Bundle, BundleEntry, OperationOutcome, Unreadable
from cds.fhir.datatypes import ABSENT
from cds.fhir.plenty import check_values
from cds.fhir.salvage import decoder, fitting, salvaged

MAX_KEYS: Final = 1_000  # of a prefetch: every key is looked at, and nobody asks for a tenth of that

Known = TypeVar("Known")
State: TypeAlias = Literal["sent", "failed", "unreadable"]


class Sent(msgspec.Struct, frozen=True):
    """The resources that came in one piece: the value of a prefetch key, a Bundle file, a page of a search.

    ``types``: the resource types it was to supply, as the asker knows (an empty Bundle does not say). ``state``:
    "failed" is an OperationOutcome in place of the data, "unreadable" a value that is neither a resource nor null.
    ``next``: where the following page is, "" if it is only known that there is more; while it is set the data count as
    incomplete. ``gap``: why that is so, in words, where more is known than that. ``total``: how many the server says
    there are.
    """

    place: str
    entries: Sequence[BundleEntry | None] = ()
    types: frozenset[str] = frozenset()
    state: State = "sent"
    next: str | None = None
    gap: str = ""
    total: int | None = None
    lost: tuple[str, ...] = ()  # places that could not be read
    bundle: bool = True

    def supplying(self, types: frozenset[str]) -> Sent:
        """The same, with what it was asked for."""
        return msgspec.structs.replace(self, types=types)

    def place_of(self, position: int) -> str:
        return f"{self.place}.entry[{position}]" if self.bundle else self.place


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A hook request: ``members`` are the bytes of what was sent besides prefetch."""

    members: Mapping[str, Raw]
    prefetch: Mapping[str, Sent]


class _Body(msgspec.Struct, gc=False, rename="camel"):
    hook: Raw = ABSENT
    hook_instance: Raw = ABSENT
    fhir_server: Raw = ABSENT
    fhir_authorization: Raw = ABSENT
    context: Raw = ABSENT
    extension: Raw = ABSENT
    prefetch: dict[str, AnyResource | None] | None = None


class _Envelope(msgspec.Struct, gc=False, rename="camel"):
    """The same with every prefetch value still bytes."""

    hook: Raw = ABSENT
    hook_instance: Raw = ABSENT
    fhir_server: Raw = ABSENT
    fhir_authorization: Raw = ABSENT
    context: Raw = ABSENT
    extension: Raw = ABSENT
    prefetch: dict[str, Raw] | None = None


_ENVELOPE = {f.name: f.encode_name for f in msgspec.structs.fields(_Envelope) if f.name != "prefetch"}


def hook_request(body: bytes) -> HookRequest:
    """Decodes the body of a hook request; raises RequestError if it is no JSON object or prefetch is none."""
    checked_text(body)
    check_values(body)
    try:
        fitted = decoder(_Body).decode(body)
    except (msgspec.DecodeError, RecursionError):
        return _leniently(body)
    prefetch = {key: _sent(f"prefetch.{key}", value, ()) for key, value in _keys(fitted.prefetch)}
    return HookRequest(_members(fitted), prefetch)


def _leniently(body: bytes) -> HookRequest:
    _syntax(body, dict[str, Raw], "the body must be a JSON object")
    envelope = _syntax(body, _Envelope, "prefetch must be an object")
    prefetch = {key: sent(raw, f"prefetch.{key}") for key, raw in _keys(envelope.prefetch)}
    return HookRequest(_members(envelope), prefetch)


def _keys(prefetch: dict[str, Known] | None) -> Iterable[tuple[str, Known]]:
    if prefetch is None:
        return ()
    if len(prefetch) > MAX_KEYS:
        raise RequestError(f"prefetch has more than {MAX_KEYS} keys")
    return prefetch.items()


def _members(body: _Body | _Envelope) -> Mapping[str, Raw]:
    members = ((encoded, getattr(body, name)) for name, encoded in _ENVELOPE.items())
    return {name: raw for name, raw in members if raw is not ABSENT}


def sent(value: Raw | bytes, place: str) -> Sent:
    """The resources of one value, whose JSON is known to be sound; what does not fit is salvaged."""
    lost: list[str] = []
    kind: Any = AnyResource | None
    return _sent(place, salvaged(value, kind, place, lost), tuple(lost))


def _sent(place: str, value: Any, lost: tuple[str, ...]) -> Sent:
    if isinstance(value, Bundle):
        return Sent(place, value.entry, next=_following(value, place, lost), total=value.total, lost=lost)
    if value is None:
        return Sent(place, lost=lost)
    if isinstance(value, OperationOutcome):
        return Sent(place, state="failed", lost=lost)  # also one that only warns: it does not say that there is none
    if isinstance(value, Unreadable):
        return Sent(place, state="unreadable", lost=lost)
    return Sent(place, (BundleEntry(resource=value),), lost=lost, bundle=False)


def _following(bundle: Bundle, place: str, lost: tuple[str, ...]) -> str | None:
    following = [link.url or "" for link in bundle.link if link.relation == "next"]
    if following:
        return following[0]
    short = bundle.total is not None and bundle.total > len(bundle.entry)
    return "" if short or any(each.startswith(f"{place}.link") for each in lost) else None


def bundle_file(content: bytes, place: str = "bundle") -> Sent:
    """The resources of a Bundle, or the one resource, of a file; raises RequestError if it is no JSON object."""
    checked_text(content)
    whole: Any = fitting(content, AnyResource)
    if whole is not None:
        return _sent(place, whole, ()).supplying(READ_TYPES)
    _syntax(content, dict[str, Raw], "not a JSON object")
    return sent(content, place).supplying(READ_TYPES)


def checked_text(body: bytes) -> None:
    """Raises RequestError unless the bytes are UTF-8: the decoder does not look into what it passes over."""
    if body.isascii():
        return
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise RequestError(f"the text is not UTF-8 (byte {error.start})") from error


def _syntax(body: bytes, kind: Any, otherwise: str) -> Any:
    try:
        return decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        raise RequestError(otherwise) from error
    except msgspec.DecodeError as error:
        # Only the kind of mistake and the byte are repeated: the message of another error could quote the content.
        if body.startswith(codecs.BOM_UTF8):
            raise RequestError("the body begins with a byte order mark, which JSON must not have") from error
        if not body.strip():
            raise RequestError("the body is empty") from error
        place = re.search(r"\(byte \d+\)", str(error))
        raise RequestError(f"the body is not JSON {place[0] if place else ''}".rstrip()) from error
    except RecursionError as error:
        raise RequestError("the body is nested too deeply") from error
