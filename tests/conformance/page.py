"""docs/conformance.md: every requirement with the tests that prove it, or the reason why none does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from tests.conformance.proofs import ROOT, Proof, Proofs
from tests.conformance.requirements import Requirement, Section

FILE = ROOT / "docs" / "conformance.md"

_HEAD = """\
# Conformance with CDS Hooks

Written by `make conformance`; do not edit. The requirements are those of CDS Hooks 2.0.1 and of the 3.0 ballot, with
the numbers of `tests/conformance/requirements.yaml`. A test that proves one carries its number, and this page lists
them: {proven} of {all} are proven by tests, {untested} have a written reason instead.

Levels are the specification's own. "client SHALL" and the like are duties of the client: the tests show that the
service copes with clients that keep them and with those that do not. PROSE stands in the text without such a word, BP
on its page of best practice. DERIVED stands nowhere: it is what we expect of a robust service, and no claim of
conformance rests on it. Versions: 3.0b is the ballot of January 2026, 3.0ci its working build of June 2026, LIB the
library of hooks; "2.0+" means 2.0, 2.0.1, 3.0b and 3.0ci.
"""


def page(sections: tuple[Section, ...], proofs: Proofs) -> str:
    listed = [one for section in sections for one in section.requirements]
    untested = sum(bool(one.untested) for one in listed)
    head = _HEAD.format(all=len(listed), proven=sum(one.id in proofs for one in listed), untested=untested)
    return "\n".join((head, *chain.from_iterable(_section(each, proofs) for each in sections)))


def _section(section: Section, proofs: Proofs) -> Iterator[str]:
    yield f"## {section.title}\n"
    yield "| id | level | versions | what | proven by |"
    yield "|---|---|---|---|---|"
    yield from (_row(one, proofs.get(one.id, ())) for one in section.requirements)
    yield ""


def _row(one: Requirement, proofs: tuple[Proof, ...]) -> str:
    proven = "<br>".join(map(_link, proofs)) or f"*{one.untested}*"
    return f"| {one.id} | {one.level} | {one.versions} | {one.title} | {proven} |"


def _link(proof: Proof) -> str:
    return f"[{proof.sentence}](../{proof.path})"
