"""Which cases speak of a code at all: only these can notice that it is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cds.clinical import Coding
from cds.ruleset.model import Codes, FactSpec, Knowledge
from cds.ruleset.systems import SYSTEMS, is_prefix, matched_form
from cds.workbench.mutation.witness import Witness

_LONGEST = 8  # characters of a code that stands for what lies below it


def gone(spec: FactSpec, changed: FactSpec) -> Codes:
    """What a mutant leaves out of the codes of a fact."""
    before = [spec.codes[key] for key in spec.codes]
    after = [changed.codes.get(key, Codes()) for key in spec.codes]
    pairs = list(zip(before, after, strict=True))
    return Codes(
        tuple(one for old, new in pairs for one in old.sets if one not in new.sets),
        tuple(one for old, new in pairs for one in old.codings if one not in new.codings),
        tuple(one for old, new in pairs for one in old.except_sets if one not in new.except_sets),
        tuple(one for old, new in pairs for one in old.except_codings if one not in new.except_codings),
    )


def forms(codes: Codes, knowledge: Knowledge) -> frozenset[str]:
    """As they would be mentioned; a star after those that stand for what lies below."""
    of_sets = (knowledge.valuesets[name] for name in (*codes.sets, *codes.except_sets))
    listed = [coding for one in of_sets for coding in (*one.codings, *one.prefixes)]
    return frozenset(_form(coding) for coding in (*listed, *codes.codings, *codes.except_codings))


def _form(coding: Coding) -> str:
    form = matched_form(coding.system, coding.code)
    return _plain(form) + ("*" if is_prefix(coding.system, coding.code) else "")


def mentions(witness: Witness, folder: Path) -> frozenset[str]:
    """Every word of the case that may be a code, the beginnings of each, and the ingredients of products."""
    case, index = witness.case, witness.troupe.material.index
    words = set(_words([case.record, case.drafts, case.background]))
    if case.bundle:
        words.update((folder.parent / case.bundle).read_text(encoding="utf-8").split('"'))
    parts = {part.code for word in words for part in index.ingredients(SYSTEMS["rxnorm"], word)}
    return frozenset(_beginnings(words | parts))


def _beginnings(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        plain = _plain(word)
        yield plain
        yield from (f"{plain[:length]}*" for length in range(1, min(len(plain), _LONGEST) + 1))


def _plain(word: str) -> str:
    return word.replace(".", "").upper()


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _words(inner)
    elif isinstance(value, str):
        yield value
        yield from value.split(".")[:1]  # an answer about one side: "leg-weakness.left"
