"""Which choices of codes a coding belongs to: the one look-up that reading a record makes for each coding.

A choice is what one parameter of one fact asks for, ``urinary_retention.in``: members of value sets and codes listed in
place, less the exceptions. ICD-10 codes and ATC groups match what lies below them, all other codes exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import cast

from cds.clinical import Coding
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Codes, FactSpec, Knowledge, ValueSet
from cds.ruleset.systems import ALIASES, LOCAL_SYSTEMS, SYSTEMS, CodeForm, form_of, matched_form, names_of

_REMEMBERED = 50_000  # codes, codings; records repeat the same few thousand
_LONGEST = 64  # characters; a code that is longer, and longer than all that are listed, is none
_NONE: frozenset[str] = frozenset()


class Mentions(dict[str | None, bool]):
    """By code alone, whatever its system: whether some choice may ask for it, or for an ingredient of the product.

    Nearly all codes of a chart nobody asks for. One that was looked up before costs no call of a function.
    """

    def __init__(self, forms: Iterable[str]) -> None:
        super().__init__()
        self._forms = frozenset(forms)
        self._longest = max(map(len, self._forms), default=0)

    def __missing__(self, code: str | None) -> bool:
        if not code or len(code) > max(_LONGEST, self._longest):
            return False
        if len(self) >= _REMEMBERED:
            self.clear()  # whoever sends endless new codes pays for the look-ups, not with our memory
        found = self[code] = any(
            form in self._forms for system in ("", *_WITH_PREFIXES) for form in _forms(system, code)
        )
        return found


class CodeIndex:
    """Answers from dictionaries built once. Safe to share between threads: it only remembers."""

    def __init__(
        self,
        choices: Mapping[str, Codes],
        valuesets: Mapping[str, ValueSet],
        ingredients: Mapping[Coding, tuple[Coding, ...]],
        visits_within: float | None = None,
    ) -> None:
        self.visits_within = (
            visits_within  # days back that some fact looks for encounters of any reason; None: none does
        )
        included = ((key, _forms_of(one.sets, one.codings, valuesets)) for key, one in choices.items())
        excluded = ((key, _forms_of(one.except_sets, one.except_codings, valuesets)) for key, one in choices.items())
        self._included = _table(included)
        self._excluded = _table(excluded)
        self._ingredients = {(product.system, product.code): parts for product, parts in ingredients.items()}
        self._names = _names(choices.values(), valuesets)
        self._systems = frozenset(system for system, _ in self._included)
        self._systems_of_exceptions = frozenset(system for system, _ in self._excluded)
        products = [product for product, parts in self._ingredients.items() if any(map(self._is_asked, parts))]
        self.mentions = Mentions(form for _, form in (*self._included, *products))
        self._remembered: dict[tuple[str, str], frozenset[str]] = {}
        self.drugs: Mapping[str, frozenset[str]] = dict(self._drugs())
        """The single-word names, in lower case, of the drugs that are asked for by RxNorm code: -> their choices."""

    @classmethod
    def of(cls, specs: Iterable[FactSpec], knowledge: Knowledge) -> CodeIndex:
        """The index of all that these facts ask for."""
        asked = tuple(specs)
        choices = {f"{spec.name}.{parameter}": codes for spec in asked for parameter, codes in spec.codes.items()}
        visits = (spec for spec in asked if not spec.codes and "Encounter" in KINDS[spec.kind].reads)
        within = max((cast("float", spec.parameters.get("within", inf)) for spec in visits), default=None)
        return cls(choices, knowledge.valuesets, knowledge.ingredients, within)

    def match(self, system: str, code: str) -> frozenset[str]:
        """The choices that the coding is in, as ``fact.parameter``."""
        if not self.mentions[code]:
            return _NONE
        found = self._remembered.get((system, code))
        if found is None:
            known = ALIASES.get(system, system)
            if known not in self._systems:
                return _NONE
            found = self._found(known, code)
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[system, code] = found
        return found

    def exceptions(self, system: str | None, code: str | None) -> frozenset[str]:
        """The choices that the coding is an exception from, as are all other codings of the same concept."""
        system = ALIASES.get(system or "", system or "")
        if code is None or system not in self._systems_of_exceptions or len(code) > _LONGEST:
            return _NONE
        return _NONE.union(*[self._excluded.get((system, form), _NONE) for form in _forms(system, code)])

    def local(self, code: str) -> tuple[str, frozenset[str]]:
        """Which of the project's own systems a code is of, and the choices it is in; "" when no fact asks for it."""
        for system in LOCAL_SYSTEMS:
            if found := self.match(system, code):
                return system, found
        return "", _NONE

    def display(self, system: str, code: str) -> str:
        """What the value sets call a code, or else the group it lies in, for a record that gives the bare code.

        "" when none lists either.
        """
        system = ALIASES.get(system, system)
        form = matched_form(system, code)
        shortest = 1 if system in _WITH_PREFIXES else len(form)
        names = (
            self._names.get((system, form[:length])) for length in range(min(len(form), _LONGEST), shortest - 1, -1)
        )
        return next((name for name in names if name), "")

    def name(self, system: str, code: str) -> str:
        """What the value sets call this very code, not the group it lies in; "" when they do not list it."""
        system = ALIASES.get(system, system)
        return self._names.get((system, matched_form(system, code)), "")

    def ingredients(self, system: str, code: str) -> tuple[Coding, ...]:
        """What a product contains, as far as the product is known."""
        return self._ingredients.get((ALIASES.get(system, system), code), ())

    def named(self, words: str) -> frozenset[str]:
        """The choices that have a drug whose name is among the words."""
        return _NONE.union(*(self.drugs.get(word, _NONE) for word in words.lower().split()))

    def names_any(self, words: str) -> bool:
        """Whether a drug that is asked for is among the words."""
        return not self.drugs.keys().isdisjoint(words.lower().split())

    def _drugs(self) -> Iterator[tuple[str, frozenset[str]]]:
        for (system, code), choices in self._included.items():
            name = self._names.get((system, code), "").lower()
            if system == SYSTEMS["rxnorm"] and name.isalpha():
                yield name, choices

    def _is_asked(self, coding: Coding) -> bool:
        return bool(self._found(coding.system, coding.code))

    def _found(self, system: str, code: str) -> frozenset[str]:
        keys = [(system, form) for form in _forms(system, code)]
        included = _NONE.union(*(self._included.get(key, _NONE) for key in keys))
        return included - _NONE.union(*(self._excluded.get(key, _NONE) for key in keys)) if included else _NONE


_WITH_PREFIXES = frozenset({SYSTEMS["icd-10-cm"], SYSTEMS["icd-10"], SYSTEMS["atc"]})


def _forms(system: str, code: str) -> Iterator[str]:
    """What a choice may list that the code is in: itself or, with a star, what it lies below."""
    form = matched_form(system, code)
    yield form
    if system in _WITH_PREFIXES:
        for length in range(1, min(len(form), _LONGEST) + 1):
            yield f"{form[:length]}*"


def _forms_of(names: Iterable[str], codings: Iterable[Coding], valuesets: Mapping[str, ValueSet]) -> Iterator[CodeForm]:
    for name in names:
        yield from valuesets[name].forms
    yield from map(form_of, codings)


def _names(choices: Iterable[Codes], valuesets: Mapping[str, ValueSet]) -> dict[CodeForm, str]:
    """Value sets before the codes that facts list in place."""
    names = names_of(coding for one in choices for coding in (*one.except_codings, *one.codings))
    for valueset in valuesets.values():
        names |= valueset.names
    return names


def _table(choices: Iterable[tuple[str, Iterable[CodeForm]]]) -> Mapping[CodeForm, frozenset[str]]:
    """By form, the choices that list it."""
    found: dict[CodeForm, set[str]] = defaultdict(set)
    for key, forms in choices:
        for form in forms:
            found[form].add(key)
    return {form: frozenset(keys) for form, keys in found.items()}
