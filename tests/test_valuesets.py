"""The value sets as files: what is written in them can be relied on."""

import csv
import hashlib
import json
import re
from pathlib import Path

import pytest
import yaml

from cds.ruleset.analytes import ANALYTE_OF_LOINC
from cds.ruleset.systems import SYSTEMS as KNOWN
from cds.ruleset.systems import short_display

FOLDER = Path(__file__).parent.parent / "rulesets" / "valuesets"
SYSTEMS = {"snomed", "loinc", "rxnorm", "icd-10-cm", "atc", "spine-local", "headache-local"}
FORM = {
    "snomed": r"\d{6,18}",
    "loinc": r"(LA)?\d{1,5}-\d",
    "rxnorm": r"\d{1,7}",
    "icd-10-cm": r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?",
    "atc": r"[A-Z]\d\d([A-Z]([A-Z](\d\d)?)?)?",
    "spine-local": r"[A-Za-z0-9-]+",
    "headache-local": r"[a-z0-9-]+",
}
ROOT = FOLDER.parents[1]
SEALS = ROOT / "tests" / "clinical" / "valuesets.yaml"
BY_HAND = {"further-codes"}  # every other value set is written from the tables of the specification
TABLES = ROOT.parent / "shared" / "clinical"  # where the specification lies beside the checkout
STRUCTURAL = "http://terminology.hl7.org/"  # codes of FHIR itself: clinicalStatus, category
PINNED = {"icd-10-cm", "atc"}  # of which the tables say the edition
UNPINNED = {"vs-rx-gabapentinoid"}  # holds ATC codes that are superseded, for older records


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def valuesets():
    return {
        path.stem: read(path) for path in sorted(FOLDER.glob("*.yaml")) if path.stem not in ("ingredients", "relations")
    }


@pytest.fixture(scope="module")
def products():
    return read(FOLDER / "ingredients.yaml")["products"]


def codes(valueset):
    return [(row["system"], row["code"]) for row in valueset["codes"]]


def test_a_value_set_is_named_like_its_file_and_says_what_it_is(valuesets):
    keys = ["valueset", "version", "title", "source", "editions", "codes"]

    assert {} == {
        name: list(one) for name, one in valuesets.items() if [key for key in keys if key in one] != list(one)
    }
    assert {name: name for name in valuesets} == {name: one["valueset"] for name, one in valuesets.items()}
    assert [] == [name for name, one in valuesets.items() if not one["title"].strip() or not one["source"].strip()]


def test_a_value_set_has_a_version_of_three_numbers(valuesets):
    assert [] == [name for name, one in valuesets.items() if not re.fullmatch(r"\d+\.\d+\.\d+", one["version"])]


def test_a_value_set_has_codes_and_none_of_them_twice(valuesets):
    listed = {name: codes(one) for name, one in valuesets.items()}

    assert [] == [name for name, found in listed.items() if not found]
    assert {} == {name: found for name, found in listed.items() if len(found) != len(set(found))}


def test_every_code_has_a_display_and_the_place_it_was_verified(valuesets):
    keys = ["system", "code", "display", "verified_in"]
    rows = [(name, row) for name, one in valuesets.items() for row in one["codes"]]

    assert [] == [(name, row) for name, row in rows if list(row) != keys or not all(row.values())]
    assert [] == [(name, row) for name, row in rows if "UNVERIFIED" in row["verified_in"]]


def test_every_code_is_a_quoted_text_of_the_form_of_its_system(valuesets):
    rows = [(name, row["system"], row["code"]) for name, one in valuesets.items() for row in one["codes"]]

    assert set() == {system for _, system, _ in rows} - SYSTEMS
    assert [] == [row for row in rows if not isinstance(row[2], str) or not re.fullmatch(FORM[row[1]], row[2])]


def test_a_code_has_one_display_in_all_value_sets(valuesets):
    told: dict[tuple[str, str], set[str]] = {}
    for one in valuesets.values():
        for row in one["codes"]:
            told.setdefault((row["system"], row["code"]), set()).add(row["display"])

    assert {} == {code: displays for code, displays in told.items() if len(displays) > 1}


def test_every_code_of_a_system_that_has_editions_is_of_one(valuesets):
    loose = {
        (name, row["system"], row["code"])
        for name, one in valuesets.items()
        for row in one["codes"]
        if name not in UNPINNED and row["system"] in PINNED - set(one.get("editions", {}))
    }

    assert set() == loose


def test_a_value_set_is_as_it_was_written_from_the_tables(valuesets):
    sealed = read(SEALS)["valuesets"]

    assert sealed == {name: seal(name) for name in valuesets.keys() - BY_HAND}


def seal(name):
    return hashlib.sha256((FOLDER / f"{name}.yaml").read_text("utf-8").partition("\ncodes:\n")[2].encode()).hexdigest()


def test_every_code_of_a_value_set_is_a_verified_row_of_the_tables_and_every_such_row_is_there(valuesets):
    """Where the tables lie beside the checkout; where they do not, the seals stand for them."""
    rows = [row for path in sorted(TABLES.glob("valuesets-*.csv")) for row in table(path)]
    names = {row["valueset_id"] for row in rows}
    verified = {
        traced(row) for row in rows if "UNVERIFIED" not in row["verified_in"] and row["valueset_id"] in valuesets
    }

    written = {
        (name, KNOWN[row["system"]], row["code"], row["verified_in"])
        for name, one in valuesets.items()
        for row in one["codes"]
        if name in names
    }
    assert verified == written
    assert not rows or names >= valuesets.keys() - BY_HAND


def traced(row):
    return row["valueset_id"], row["system"], row["code"], row["verified_in"]


def test_the_tables_are_those_the_value_sets_were_sealed_with():
    sealed = {one["file"]: one["sha256"] for one in read(SEALS)["tables"]}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in TABLES.glob("valuesets-*.csv")}

    assert ["valuesets-headache.csv", "valuesets-spine.csv"] == sorted(sealed)
    assert found == {name: digest for name, digest in sealed.items() if name in found}


def table(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_code_of_a_template_is_in_a_value_set_under_its_display(valuesets):
    listed = {(KNOWN[row["system"]], row["code"]): row["display"] for one in valuesets.values() for row in one["codes"]}
    written = {
        (path.parent.parent.name, coding["system"], coding["code"], coding["display"])
        for path in FOLDER.parent.glob("*/*/templates/*.json")
        for coding in codings(json.loads(path.read_text(encoding="utf-8")))
        if not coding["system"].startswith(STRUCTURAL)
    }

    stray = {one for one in written if one[3] not in names_of(listed.get(one[1:3], ""))}
    assert set() == stray


def codings(part):
    """Every coding in a resource, with its display: quantities have a system and a code too, and none."""
    if isinstance(part, dict):
        yield from [part] if {"system", "code", "display"} <= part.keys() else []
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from codings(inner)


def names_of(display):
    return {display, short_display(display)}


def test_every_laboratory_code_of_the_fact_layer_is_in_a_value_set(valuesets):
    listed = {row["code"] for one in valuesets.values() for row in one["codes"] if row["system"] == "loinc"}

    assert set() == ANALYTE_OF_LOINC.keys() - listed


def test_lasmiditan_is_never_a_triptan_by_the_prefix_of_its_group(valuesets):
    triptans = [code for system, code in codes(valuesets["hd-rx-triptan"]) if system == "atc"]

    assert [] == [code for code in triptans if "N02CC08".startswith(code)]


def test_a_product_is_in_the_ingredient_map_once_and_contains_something(products):
    listed = [(row["system"], row["code"]) for row in products]

    assert len(set(listed)) == len(listed)
    assert [] == [row for row in products if not row["contains"] or len(set(row["contains"])) != len(row["contains"])]
    assert [] == [row for row in products if row["code"] in row["contains"]]


def test_the_ingredient_map_is_closed(products):
    """No ingredient is itself a product, so that one look-up is enough."""
    ingredients = {code for row in products for code in row["contains"]}

    assert set() == ingredients & {row["code"] for row in products}


@pytest.mark.parametrize(
    ("code", "contains"),
    [
        ("308297", ["161", "1191", "1886"]),  # acetaminophen 250 MG / aspirin 250 MG / caffeine 65 MG
        ("849450", ["7258", "37418"]),  # naproxen 500 MG / sumatriptan 85 MG
        ("238153", ["161", "19860", "1886"]),  # acetaminophen / butalbital / caffeine
        ("1293504", ["1886", "4025"]),  # a salt stands for its ingredient: ergotamine tartrate
        ("857389", ["5489", "161", "1191", "1886"]),  # four ingredients, three of them abbreviated
        ("855633", ["3355"]),  # a gel is still diclofenac; that it is not counted is the class's business
    ],
)
def test_the_ingredients_of_well_known_products(products, code, contains):
    assert [contains] == [row["contains"] for row in products if row["code"] == code]


def test_every_sample_product_of_the_headache_domain_is_in_the_ingredient_map(valuesets, products):
    listed = {row["code"] for row in products}
    named = {code for name, one in valuesets.items() if name.startswith("hd-rxp-") for _, code in codes(one)}

    assert {"578018", "578044"} == named - listed  # bromfenac and nepafenac eye drops: excluded by their own codes
