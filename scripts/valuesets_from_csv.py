"""Writes the codes of rulesets/valuesets from the two value-set tables of the clinical specification.

    scripts/valuesets_from_csv.py HEADACHE.csv SPINE.csv [--add "vs-sciatica=Sciatica" ...]

The tables (valueset_id,system,code,display,verified_in) are kept with the specification, not here. Every value set that
has a file is written again from them, keeping its title; one whose codes changed gets the next minor version. ``--add``
makes the file of a further set. The product-to-ingredient map is written from the rows of sample products. What was
written is sealed in tests/clinical/valuesets.yaml, by which the tests know it where the tables are not at hand.

A code that the tables call by several names gets one of them, everywhere: see ``one_display``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "rulesets" / "valuesets"
BESIDE = Path(__file__).with_suffix(".yaml")
SEALS = ROOT / "tests" / "clinical" / "valuesets.yaml"
INGREDIENTS = "ingredients"
KEPT_BY_HAND = (INGREDIENTS, "relations", "further-codes")
READ_ON = "2026-11-21"
SYSTEMS = {
    "http://snomed.info/sct": "snomed",
    "http://loinc.org": "loinc",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd-10-cm",
    "http://www.whocc.no/atc": "atc",
    "https://cds.example.org/fhir/CodeSystem/spine-cds-findings": "spine-local",
    "https://cds.example.org/fhir/CodeSystem/headache-cds-findings": "headache-local",
}
EDITIONS = {
    "icd-10-cm": ("simple-icd-10-cm", "April 2026, as in simple-icd-10-cm 1.5.0"),
    "atc": ("WHO ATC-DDD 2026-04-25", "2026-04-25"),
}
"""Of the systems of which the tables say it: a mark of ``verified_in``, and the edition it means."""

PRODUCT_SETS = ("rxprod-", "hd-rxp-")
COMBINATIONS = ("hd-rx-combination-analgesic", "hd-rx-triptan")  # hold RxNorm codes of several ingredients: "A/B"
ABBREVIATIONS = {"APAP": "acetaminophen", "ASA": "aspirin", "CAFN": "caffeine"}
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ()'/._+-]*")


class Row(NamedTuple):
    valueset: str
    system: str
    code: str
    display: str
    verified_in: str


class Table(NamedTuple):
    """``section``: where the specification speaks of it."""

    section: str
    file: str
    rows: tuple[Row, ...]


def with_one_display(tables: tuple[Table, ...], called: Mapping[str, str]) -> tuple[Table, ...]:
    names = one_display((row for of in tables for row in of.rows), called)
    return tuple(
        of._replace(rows=tuple(row._replace(display=names[row.system, row.code]) for row in of.rows)) for of in tables
    )


def table(path: Path, section: str) -> Table:
    """The rows whose code was seen in a public source or is the project's own."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [
            Row(row["valueset_id"], SYSTEMS[row["system"]], *list(row.values())[2:]) for row in csv.DictReader(lines)
        ]
    return Table(section, path.name, tuple(row for row in rows if "UNVERIFIED" not in row.verified_in))


def scalar(text: str) -> str:
    """A YAML scalar that is safe inside a flow mapping."""
    return text if PLAIN.fullmatch(text) and text == text.strip() else json.dumps(text, ensure_ascii=False)


def one_display(rows: Iterable[Row], called: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """By system and code: the full name of SNOMED CT, an ingredient in small letters, a name before an abbreviation.

    ``called``: codes of this project of which the tables give a definition, or words that need the heading above them.
    """
    told: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        told.setdefault((row.system, row.code), []).append(row.display)
    return {
        key: called.get(key[1] if key[0].endswith("-local") else "") or max(names, key=fullness)
        for key, names in told.items()
    }


def fullness(display: str) -> tuple[bool, bool, bool, int]:
    return display.endswith(")"), not display.isupper(), display.islower(), len(display)


def line(row: Row, contains: Iterable[str] = ()) -> str:
    ingredients = ", ".join(json.dumps(code) for code in contains)
    middle = f", contains: [{ingredients}]" if ingredients else ""
    return (
        f'  - {{system: {row.system}, code: "{row.code}", display: {scalar(row.display)}{middle}'
        f", verified_in: {scalar(row.verified_in)}}}"
    )


def source(of: Table) -> str:
    return f"Clinical specification of this project, {of.section} ({of.file}, {READ_ON})"


def next_minor(version: str) -> str:
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"


def write(name: str, head: Mapping[str, str], body: tuple[str, ...], key: str) -> None:
    """Writes one file; a changed body raises the version of what stood there before."""
    path = FOLDER / f"{name}.yaml"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    version = yaml.safe_load(before)["version"] if before else "1.0.0"
    text = body_text(head | {"version": version}, key, body)
    if before and before.partition(f"\n{key}:\n")[2] != text.partition(f"\n{key}:\n")[2]:
        text = body_text(head | {"version": next_minor(version)}, key, body)
    path.write_text(text, encoding="utf-8")


def body_text(head: Mapping[str, str], key: str, body: tuple[str, ...]) -> str:
    return "\n".join([*(f"{name}: {value}" for name, value in head.items()), f"{key}:", *body, ""])


def write_valueset(name: str, title: str, tables: tuple[Table, ...]) -> None:
    owners = [(of, [row for row in of.rows if row.valueset == name]) for of in tables]
    found = [(of, rows) for of, rows in owners if rows]
    if not found:
        raise SystemExit(f'no table has the value set "{name}"')
    (of, rows), *_ = found
    head = {"valueset": name, "version": "", "title": scalar(title), "source": scalar(source(of))}
    if pinned := editions(rows):
        head["editions"] = f"{{{', '.join(f'{system}: {json.dumps(text)}' for system, text in pinned.items())}}}"
    write(name, head, tuple(line(row) for row in rows), "codes")


def editions(rows: Iterable[Row]) -> dict[str, str]:
    """Of the systems whose codes were all seen in one edition."""
    seen = list(rows)
    of_system = {system: [row for row in seen if row.system == system] for system in EDITIONS}
    return {
        system: EDITIONS[system][1]
        for system, found in of_system.items()
        if found and all(EDITIONS[system][0] in row.verified_in for row in found)
    }


def seal(path: Path) -> str:
    """SHA-256 over the codes of a file, without its head."""
    return hashlib.sha256(path.read_text(encoding="utf-8").partition("\ncodes:\n")[2].encode()).hexdigest()


def write_seals(sources: Iterable[Path], names: Iterable[str]) -> None:
    lines = ["# Written by scripts/valuesets_from_csv.py; do not edit.", "tables:"]
    for path in sources:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"  - {{file: {path.name}, read_on: {READ_ON}, sha256: {digest}}}")
    lines.append("valuesets:")
    lines += [f"  {name}: {seal(FOLDER / f'{name}.yaml')}" for name in sorted(names)]
    SEALS.write_text("\n".join([*lines, ""]), encoding="utf-8")


def ingredient_codes(rows: Iterable[Row]) -> dict[str, str]:
    """RxNorm ingredient code by name, as far as the tables list them."""
    return {
        row.display.lower(): row.code
        for row in rows
        if row.system == "rxnorm" and not row.valueset.startswith(PRODUCT_SETS) and not re.search(r"[\d/]", row.display)
    }


def contained(display: str, codes: Mapping[str, str]) -> list[str]:
    """The ingredients a product's name speaks of, in its order; a salt stands for its ingredient."""
    text = display.lower()
    for short, long in ABBREVIATIONS.items():
        text = re.sub(rf"\b{short.lower()}\b", long, text)
    places = {
        found.start(): codes[name]
        for name in sorted(codes, key=len, reverse=True)
        if (found := re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))
    }
    return list(dict.fromkeys(places[place] for place in sorted(places)))


def products(tables: tuple[Table, ...]) -> dict[str, tuple[Row, list[str]]]:
    rows = [row for of in tables for row in of.rows]
    codes = ingredient_codes(rows)
    found: dict[str, tuple[Row, list[str]]] = {}
    for row in rows:
        combination = row.valueset in COMBINATIONS and row.system == "rxnorm" and "/" in row.display
        if not row.valueset.startswith(PRODUCT_SETS) and not combination:
            continue
        stated = row.valueset.removeprefix("rxprod-")
        _, known = found.get(row.code, (row, []))
        told = [stated] if stated != row.valueset else []
        found.setdefault(row.code, (row, known))[1][:] = dict.fromkeys([*known, *told, *contained(row.display, codes)])
    return {code: entry for code, entry in found.items() if entry[1]}


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("headache", type=Path)
    arguments.add_argument("spine", type=Path)
    arguments.add_argument("--add", nargs="*", default=[], metavar="ID=TITLE")
    given = arguments.parse_args()
    beside = yaml.safe_load(BESIDE.read_text(encoding="utf-8"))
    read = table(given.headache, "headache, section 8"), table(given.spine, "spine, section 11")
    tables = with_one_display(read, beside["called"])
    kept = [path for path in sorted(FOLDER.glob("*.yaml")) if path.stem not in KEPT_BY_HAND]
    titles = {path.stem: str(yaml.safe_load(path.read_text(encoding="utf-8"))["title"]) for path in kept}
    titles |= dict(text.split("=", 1) for text in given.add)
    for name, title in titles.items():
        write_valueset(name, title, tables)
    head = {
        INGREDIENTS: "product-to-ingredient map",
        "version": "",
        "source": scalar(f"Clinical specification of this project, sample products ({READ_ON})"),
    }
    write_seals((given.headache, given.spine), titles)
    listed = sorted(products(tables).values(), key=lambda entry: int(entry[0].code))
    listed += [(Row("", *(one[key] for key in Row._fields[1:])), one["contains"]) for one in beside["products"]]
    write(INGREDIENTS, head, tuple(line(row, contains) for row, contains in listed), "products")


if __name__ == "__main__":
    main()
