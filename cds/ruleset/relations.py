"""How value sets relate, as relations.yaml says: which of them contradict each other, and which are of one concept.

Sets that contradict each other share no code. A fact that asks for a set of a concept asks for all that are of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cds.clinical import Coding
from cds.errors import Problem
from cds.ruleset.codebook import Note
from cds.ruleset.document import Entries, Items, Spot
from cds.ruleset.model import Codes, FactSpec, Ruleset, ValueSet
from cds.ruleset.names import listed, unknown
from cds.ruleset.systems import SYSTEMS, is_prefix, matched_form, short_name, system_of


class _Form(NamedTuple):
    """A code as it is compared. ``wide``: it stands for all that lies below it."""

    system: str
    code: str
    wide: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """Value sets of one concept; ``alone``: facts that ask for some of them only, each with the line that says why."""

    sets: tuple[str, ...]
    alone: Mapping[str, Spot]


@dataclass(frozen=True, slots=True)
class Relations:
    alike: tuple[Alike, ...] = ()


def relations_of(root: Entries, valuesets: Mapping[str, ValueSet], note: Note) -> Relations:
    """Reads a file that has the right shape; notes every code of two sets that contradict each other."""
    for written in root.get("apart", ()):
        names = _known(written["sets"], valuesets, note)
        beside = _known(written.get("beside", Items((), written.spot, ())), valuesets, note)
        _check_apart(written, names, beside, valuesets, note)
    return Relations(tuple(_alike(written, valuesets, note) for written in root.get("alike", ())))


def _known(written: Items, valuesets: Mapping[str, ValueSet], note: Note) -> list[str]:
    for name, spot in written.placed():
        if name not in valuesets:
            note(spot, unknown("value set", name, valuesets))
    return [name for name in written if name in valuesets]


def _alike(written: Entries, valuesets: Mapping[str, ValueSet], note: Note) -> Alike:
    alone = {one["fact"]: one.at("fact") for one in written.get("alone", ())}
    return Alike(tuple(_known(written["sets"], valuesets, note)), alone)


# Apart


def _check_apart(
    written: Entries, names: Collection[str], beside: Collection[str], valuesets: Mapping[str, ValueSet], note: Note
) -> None:
    """Any two of the sets; or, where it says `beside`, each of the sets and each of those beside them."""
    spots = {name: spot for key in ("beside", "sets") if key in written for name, spot in written[key].placed()}
    excused = {_form(_shared(one, note)): one for one in written.get("shared", ())}
    used: set[_Form] = set()
    for form, first, second in _overlaps((*names, *beside), valuesets):
        if beside and (first in names) == (second in names):
            continue
        reasons = {one for one in excused if _covers(one, form)}
        used |= reasons
        if not reasons:
            note(spots[second], f'{short_name(form.system)} code "{form.code}" is in "{first}" and in "{second}"')
    for form in excused.keys() - used:
        note(excused[form].spot, f'"{excused[form]["code"]}" is not in two of these sets')


def _shared(written: Entries, note: Note) -> Coding:
    system = system_of(written["system"])
    if system is None:
        note(written.at("system"), unknown("code system", written["system"], SYSTEMS))
    return Coding(system or "", written["code"])


def _overlaps(names: Iterable[str], valuesets: Mapping[str, ValueSet]) -> Iterator[tuple[_Form, str, str]]:
    """Every code that is in two of the sets, by itself or below a wide one, with the two in the order given."""
    order = {name: place for place, name in enumerate(names)}
    holders: dict[_Form, list[str]] = defaultdict(list)
    for name in order:
        for form in _forms(valuesets[name]):
            holders[form].append(name)
    pairs = {
        (min(one, two), max(one, two), form)
        for form, own in holders.items()
        for one in map(order.__getitem__, own)
        for above in _above(form)
        for two in map(order.__getitem__, holders.get(above, ()))
        if one != two
    }
    placed = list(order)
    return ((form, placed[one], placed[two]) for one, two, form in sorted(pairs))


# Alike


def half_asked(
    relations: Relations, rulesets: Mapping[str, Ruleset], valuesets: Mapping[str, ValueSet]
) -> Iterator[Problem]:
    """Facts that ask for a set of a concept and would overlook a code that another set of the concept has."""
    for alike in relations.alike:
        excused = set()
        for ruleset in rulesets.values():
            for spec in ruleset.facts.values():
                for missing in _overlooked(alike, spec, valuesets):
                    excused.add(f"{ruleset.id}.{spec.name}")
                    if f"{ruleset.id}.{spec.name}" not in alike.alone:
                        yield Problem(spec.place.file, spec.place.line, missing)
        for fact in alike.alone.keys() - excused:
            yield alike.alone[fact].problem(f'"{fact}" is not a fact that asks for only some of these sets')


def _overlooked(alike: Alike, spec: FactSpec, valuesets: Mapping[str, ValueSet]) -> Iterator[str]:
    for parameter, codes in spec.codes.items():
        asked = [name for name in alike.sets if name in codes.sets]
        if not asked:
            continue
        reached = _asked_for(codes, valuesets)
        others = [name for name in alike.sets if name not in asked]
        lost = [name for name in others if any(not reached & set(_above(form)) for form in _forms(valuesets[name]))]
        if lost:
            names = listed([f'"{name}"' for name in lost]).replace(" or ", " and ")
            yield f'"{parameter}" of fact "{spec.name}" asks for "{asked[0]}" without {names}, about the same concept'


def _asked_for(codes: Codes, valuesets: Mapping[str, ValueSet]) -> set[_Form]:
    in_place = {_form(coding) for coding in codes.codings}
    return in_place.union(*(_forms(valuesets[name]) for name in codes.sets))


# Codes


def _form(coding: Coding) -> _Form:
    return _Form(coding.system, matched_form(coding.system, coding.code), is_prefix(coding.system, coding.code))


def _forms(valueset: ValueSet) -> list[_Form]:
    return [_form(coding) for coding in (*valueset.codings, *valueset.prefixes)]


def _above(form: _Form) -> Iterator[_Form]:
    """What a set may list that the code is in: itself, or what it lies below."""
    yield form
    for length in range(1, len(form.code)):
        yield _Form(form.system, form.code[:length], wide=True)


def _covers(form: _Form, other: _Form) -> bool:
    return form in set(_above(other))
