"""Value sets, and the products of which the ingredients are known: files of the folder valuesets/."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from cds.clinical import Coding
from cds.ruleset.codebook import Codebook, Note
from cds.ruleset.document import Entries, Items, Spot, Value
from cds.ruleset.model import Codes, ValueSet
from cds.ruleset.names import unknown
from cds.ruleset.systems import SYSTEMS, is_prefix, matched_form, system_of

__all__ = ["Codebook", "Note", "codes_of", "ingredients_of", "valueset_of"]


def valueset_of(root: Entries, codebook: Codebook, note: Note) -> ValueSet:
    """A value set of a file that has the right shape; its codes are entered in the codebook."""
    if PurePosixPath(root.spot.file).stem != root["valueset"]:
        note(root.at("valueset"), f'the file of value set "{root["valueset"]}" must be named {root["valueset"]}.yaml')
    codings = _distinct(root["codes"], codebook, note)
    _check_editions(root, codings, note)
    return ValueSet(
        id=root["valueset"],
        version=root["version"],
        title=root["title"],
        codings=tuple(coding for coding in codings if not is_prefix(coding.system, coding.code)),
        prefixes=tuple(coding for coding in codings if is_prefix(coding.system, coding.code)),
        source=root["source"],
        place=root.spot.place,
    )


def ingredients_of(root: Entries, note: Note) -> Mapping[Coding, tuple[Coding, ...]]:
    """By product, without its display: what it contains, in the system of the product."""
    rows = zip(root["products"], _placed_codings(root["products"], note), strict=True)
    found: dict[Coding, tuple[Coding, ...]] = {}
    for row, (coding, spot) in rows:
        product = coding._replace(display="")
        if product in found:
            note(spot, f"product {row['system']} {coding.code} is already listed")
        found[product] = tuple(Coding(coding.system, code) for code in row["contains"])
    return found


def _check_editions(root: Entries, codings: Collection[Coding], note: Note) -> None:
    editions = root.get("editions", Entries({}, root.spot, {}))
    for name in editions:
        system = _system(name, editions.at(name), note)
        if system != name and system not in {coding.system for coding in codings}:
            note(editions.at(name), f'"{name}" has an edition here, but no code')


def _distinct(rows: Items, codebook: Codebook, note: Note) -> tuple[Coding, ...]:
    seen: dict[tuple[str, str], Coding] = {}
    for coding, spot in _placed_codings(rows, note):
        codebook.enter(coding, spot, note)
        key = coding.system, matched_form(coding.system, coding.code)
        if key in seen:
            note(spot, f'code "{coding.code}" is already listed')
        seen[key] = coding
    return tuple(seen.values())


def _placed_codings(rows: Items, note: Note) -> Iterator[tuple[Coding, Spot]]:
    for row, spot in rows.placed():
        yield Coding(_system(row["system"], spot, note), row["code"], row["display"]), spot


def _system(name: str, spot: Spot, note: Note) -> str:
    uri = system_of(name)
    if uri is None:
        note(spot, unknown("code system", name, SYSTEMS))
    return uri or name


def codes_of(included: Value, excluded: Value, spot: Spot, codebook: Codebook, note: Note) -> Codes:
    """What a fact's parameter says: value sets by name and codes in place, less the exceptions."""
    sets, codings = _choice(included, spot, codebook, note)
    except_sets, except_codings = _choice(excluded, spot, codebook, note)
    return Codes(sets, codings, except_sets, except_codings)


def _choice(written: Value, spot: Spot, codebook: Codebook, note: Note) -> tuple[tuple[str, ...], tuple[Coding, ...]]:
    sets: list[str] = []
    codings: list[Coding] = []
    members = list(written.placed()) if isinstance(written, Items) else [(written, spot)] if written is not None else []
    for member, place in members:
        if isinstance(member, str):
            sets.append(member)
            if member not in codebook.names:
                note(place, unknown("value set", member, codebook.names))
        else:
            codings += (codebook.named(coding, where, note) for coding, where in _written_here(member, place, note))
    return tuple(sets), tuple(codings)


def _written_here(member: Value, spot: Spot, note: Note) -> Iterator[tuple[Coding, Spot]]:
    """``{system: icd-10-cm, codes: {"R39.14": Feeling of incomplete bladder emptying}}``, or codes without displays:
    ``{system: icd-10-cm, codes: ["R39.14"]}``
    """
    codes = member["codes"] if isinstance(member, Entries) and member.keys() == {"system", "codes"} else None
    if not isinstance(codes, Entries | Items):
        note(spot, 'codes must be the name of a value set or {system: …, codes: {"code": display}}')
        return
    system = _system(str(member["system"]), member.at("system"), note)
    if ":" not in system:
        return
    if isinstance(codes, Items):
        yield from ((Coding(system, str(code)), place) for code, place in codes.placed())
        return
    for code, display in codes.items():
        if not isinstance(display, str) or not display.strip():
            note(codes.at(code), f'code "{code}" needs its display')
        else:
            yield Coding(system, code, display), codes.at(code)
