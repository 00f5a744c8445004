"""Prefetch templates from what the rules need, and what a request's prefetch supplies of it.

Templates stay within the subset of queries that CDS Hooks asks clients to support: reads, searches by type, reference
and token parameters, ``_count`` and ``_sort``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from urllib.parse import quote

from cds.clinical import Coding
from cds.fhir.decode import Sent
from cds.ruleset.model import Codes, Knowledge
from cds.ruleset.systems import is_prefix

URL_LENGTH = 1_800  # characters; proxies and servers refuse URLs from about 2,000
PAGE = 200  # entries asked for: servers' own pages are as small as ten, and only complete data can show an absence

NOT_SUPPLIED = "not supplied"

PANELS: Mapping[Coding, tuple[Coding, ...]] = {
    Coding("http://loinc.org", part): (
        Coding("http://loinc.org", "85354-9"),  # blood pressure panel of the FHIR vital signs profile
        Coding("http://loinc.org", "55284-4"),  # its predecessor, still sent
        Coding("http://loinc.org", "35094-2"),
    )
    for part in ("8480-6", "8462-4")
}
"""Codes of Observations that hold the value in a component: a search by the component's code does not find them."""


@dataclass(frozen=True, slots=True)
class Template:
    """What one prefetch key asks for; a type whose query would be too long is asked for under several keys."""

    key: str
    type: str
    query: str


def templates(needs: Mapping[str, tuple[Codes, ...] | None], knowledge: Knowledge) -> tuple[Template, ...]:
    """In the order patient first, then by type. ``needs``: the codes asked for by type, None for all of a type."""
    types = sorted(needs, key=lambda kind: (kind != "Patient", kind))
    return tuple(chain.from_iterable(_of_type(kind, needs[kind], knowledge) for kind in types))


def _of_type(kind: str, codes: tuple[Codes, ...] | None, knowledge: Knowledge) -> Iterator[Template]:
    if kind == "Patient":
        yield Template("patient", kind, "Patient/{{context.patientId}}")
        return
    key = _plural(kind[0].lower() + kind[1:])
    base = f"{kind}?patient={{{{context.patientId}}}}&_count={PAGE}"
    exact = _exact(codes, knowledge) if codes else None
    if exact is None:
        yield Template(key, kind, base)
        return
    for number, tokens in enumerate(_portions(exact, URL_LENGTH - len(base) - len("&code=")), start=1):
        yield Template(key if number == 1 else f"{key}{number}", kind, f"{base}&code={tokens}")


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _exact(choices: tuple[Codes, ...], knowledge: Knowledge) -> tuple[str, ...] | None:
    """The codes as search tokens, sorted; None when some of them match by prefix, which a search cannot."""
    sets = [knowledge.valuesets[name] for codes in choices for name in codes.sets]
    listed = chain(*(codes.codings for codes in choices), *((*each.codings, *each.prefixes) for each in sets))
    asked = {coding._replace(display="") for coding in listed}
    if any(is_prefix(coding.system, coding.code) for coding in asked):
        return None
    panels = {panel for coding in asked for panel in PANELS.get(coding, ())}
    return tuple(f"{quote(c.system, safe=':/')}|{quote(c.code, safe='')}" for c in sorted(asked | panels))


def _portions(tokens: Iterable[str], length: int) -> Iterator[str]:
    """Comma-separated, each of at most ``length`` characters."""
    portion = ""
    for token in tokens:
        if portion and len(portion) + 1 + len(token) > length:
            yield portion
            portion = token
        else:
            portion = f"{portion},{token}" if portion else token
    yield portion


@dataclass(frozen=True, slots=True)
class Supply:
    """What a request's prefetch holds of what was asked for. ``unavailable``: resource type -> why, in words."""

    sent: tuple[Sent, ...]
    unavailable: Mapping[str, str]

    @property
    def nothing(self) -> bool:
        """Whether no key could be used at all. Data that are known to be none can be."""
        return not self.sent


def supply(asked: Iterable[Template], prefetch: Mapping[str, Sent]) -> Supply:
    """Keys that were not asked for are ignored. A type asked for under several keys needs all of them."""
    sent, unavailable = [], {}
    for template in asked:
        value = prefetch.get(template.key)
        if value is None:
            unavailable[template.type] = NOT_SUPPLIED
        elif value.state != "sent":
            unavailable[template.type] = "the client could not read it" if value.state == "failed" else "not FHIR"
        elif not _fits(template, value):
            unavailable[template.type] = "something else was supplied in its place"
        else:
            sent.append(value.supplying(frozenset({template.type})))
    return Supply(tuple(sent), unavailable)


def _fits(template: Template, value: Sent) -> bool:
    """A Bundle may hold anything, or nothing; a resource by itself has to be of the type; a patient has to be there."""
    if value.bundle and value.entries:
        return True
    kinds = [type(entry.resource).__name__ for entry in value.entries if entry]
    return kinds == [template.type] if kinds else template.type != "Patient"
