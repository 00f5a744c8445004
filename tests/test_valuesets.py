"""The value sets as files: what is written in them can be relied on."""

import re
from itertools import combinations
from pathlib import Path

import pytest
import yaml

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
COUNTED = (
    "hd-rx-triptan",
    "hd-rx-ergot-acute",
    "hd-rx-ditan",
    "hd-rx-paracetamol",
    "hd-rx-aspirin",
    "hd-rx-nsaid",
    "hd-rx-nonopioid-other",
    "hd-rx-opioid",
    "hd-rx-barbiturate-analgesic",
)
CONTRADICTIONS = (
    *((counted, "hd-rx-not-counted") for counted in (*COUNTED, "hd-rx-combination-analgesic")),
    *combinations(COUNTED, 2),
    *((counted, "hd-rx-gepant") for counted in COUNTED),
    ("hd-rx-nsaid", "hd-rx-nsaid-atc-exclude"),
    ("hd-rx-aspirin", "hd-rx-aspirin-antiplatelet"),
    ("hd-rxp-nsaid-systemic", "hd-rxp-nsaid-topical-excluded"),
    ("hd-rxp-aspirin-analgesic", "hd-rxp-aspirin-lowdose"),
    ("hd-rxp-opioid-combo", "hd-rxp-opioid-single"),
    ("hd-rxp-caffeine-combo", "hd-rxp-paracetamol-single"),
    ("hd-rxp-butalbital-combo", "hd-rxp-opioid-combo"),
    ("hd-cond-pregnancy", "hd-cond-no-childbearing-potential"),
)


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


def test_a_code_has_one_display_per_system_and_table(valuesets):
    told: dict[tuple[str, str, bool], set[str]] = {}
    for name, one in valuesets.items():
        for row in one["codes"]:
            if row["system"].endswith("-local"):
                told.setdefault((row["system"], row["code"], name.startswith("hd-")), set()).add(row["display"])

    assert {} == {code: displays for code, displays in told.items() if len(displays) > 1}


@pytest.mark.parametrize("pair", CONTRADICTIONS, ids=" and ".join)
def test_no_code_is_in_two_sets_that_exclude_each_other(valuesets, pair):
    one, other = (set(codes(valuesets[name])) for name in pair)

    assert set() == one & other


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
