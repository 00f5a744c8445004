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
from cds.fhir.remote.unread import Unread
from cds.ruleset.model import Codes, Knowledge
from cds.ruleset.systems import is_prefix

URL_LENGTH = 1_800  # characters; proxies and servers refuse URLs from about 2,000
PAGE = 200  # entries asked for: servers' own pages are as small as ten, and only complete data can show an absence

PATIENT_ID = "{{context.patientId}}"

NOT_SUPPLIED = "not supplied"
FAILED = "the client could not read it"

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

    def expanded(self, patient: str) -> str:
        """The query itself. An id is one segment or one value, whatever characters it has."""
        return self.query.replace(PATIENT_ID, quote(patient, safe=":"))


def templates(needs: Mapping[str, tuple[Codes, ...] | None], knowledge: Knowledge) -> tuple[Template, ...]:
    """In the order patient first, then by type. ``needs``: the codes asked for by type, None for all of a type."""
    types = sorted(needs, key=lambda kind: (kind != "Patient", kind))
    return tuple(chain.from_iterable(_of_type(kind, needs[kind], knowledge) for kind in types))


def _of_type(kind: str, codes: tuple[Codes, ...] | None, knowledge: Knowledge) -> Iterator[Template]:
    if kind == "Patient":
        yield Template("patient", kind, f"Patient/{PATIENT_ID}")
        return
    key = _plural(kind[0].lower() + kind[1:])
    base = f"{kind}?patient={PATIENT_ID}&_count={PAGE}"
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
class Lack:
    """A key without usable data. ``readable``: it may be asked of the FHIR server, because the client did not try to.

    ``why`` is for the clinician; ``unread``, what came of reading it, for whoever connects the client.
    """

    template: Template
    why: str
    readable: bool
    unread: Unread | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """What there is of what was asked for, by key in the order of the templates.

    ``beside``: what the rest refers to. ``read``: the types of which something was read rather than sent.
    """

    asked: tuple[Template, ...]
    sent: Mapping[str, Sent]
    lacking: Mapping[str, Lack]
    beside: tuple[Sent, ...] = ()
    read: frozenset[str] = frozenset()

    @property
    def everything(self) -> tuple[Sent, ...]:
        return (*self.sent.values(), *self.beside)

    @property
    def unavailable(self) -> Mapping[str, str]:
        """Resource type -> why, in words. A type asked for under several keys needs all of them."""
        return {lack.template.type: lack.why for lack in self.lacking.values()}


def supply(asked: tuple[Template, ...], prefetch: Mapping[str, Sent]) -> Supply:
    """Keys that were not asked for are ignored."""
    sent, lacking = {}, {}
    for template in asked:
        value = prefetch.get(template.key)
        if value is None:
            lacking[template.key] = Lack(template, NOT_SUPPLIED, readable=True)
        elif value.state != "sent":
            lacking[template.key] = _unusable(template, value)
        elif not _fits(template, value):
            lacking[template.key] = _misfit(template, value)
        else:
            sent[template.key] = value.supplying(frozenset({template.type}))
    return Supply(asked, sent, lacking)


def _unusable(template: Template, value: Sent) -> Lack:
    """What the client tried itself fails again; what is no FHIR at all is as good as nothing."""
    failed = value.state == "failed"
    return Lack(template, FAILED if failed else "not FHIR", readable=not failed)


def _misfit(template: Template, value: Sent) -> Lack:
    """Where the client says that there is none, none is there to be read."""
    if not value.entries:
        return Lack(template, "the client has none", readable=False)
    return Lack(template, "something else was supplied in its place", readable=True)


def _fits(template: Template, value: Sent) -> bool:
    """A Bundle may hold anything, or nothing; a resource by itself has to be of the type; a patient has to be there."""
    if value.bundle and value.entries:
        return True
    kinds = [type(entry.resource).__name__ for entry in value.entries if entry]
    return kinds == [template.type] if kinds else template.type != "Patient"
