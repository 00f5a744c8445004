"""Which choices a coding is in: exact codes, what lies below ICD-10 codes and ATC groups, and exceptions."""

import pytest

from cds.clinical import Coding
from cds.ruleset.codes import CodeIndex
from cds.ruleset.model import Codes, Place, ValueSet
from cds.ruleset.systems import SYSTEMS

SNOMED, ICD, ATC, RXNORM = (SYSTEMS[name] for name in ("snomed", "icd-10-cm", "atc", "rxnorm"))


def _valueset(name: str, codings: tuple[Coding, ...], prefixes: tuple[Coding, ...] = ()) -> ValueSet:
    return ValueSet(name, "1.0.0", name, codings, prefixes, "the tests", Place("a.yaml", 1))


SETS = {
    "vs-sciatica": _valueset(
        "vs-sciatica", (Coding(SNOMED, "23056005", "Sciatica (disorder)"),), (Coding(ICD, "M54.3", "Sciatica, ICD-10"),)
    ),
    "vs-right-sciatica": _valueset("vs-right-sciatica", (), (Coding(ICD, "M54.31"),)),
    "vs-nsaid": _valueset("vs-nsaid", (Coding(ATC, "N02BB51"), Coding(RXNORM, "5640")), (Coding(ATC, "M01A"),)),
}
CHOICES = {
    "sciatica.in": Codes(sets=("vs-sciatica",)),
    "left_sciatica.in": Codes(sets=("vs-sciatica",), except_sets=("vs-right-sciatica",)),
    "nsaid.in": Codes(sets=("vs-nsaid",), except_codings=(Coding(ATC, "M01AX05"),)),
    "weakness.in": Codes(codings=(Coding(SYSTEMS["spine-local"], "leg-weakness", "Weak leg"),)),
    "headache_day.in": Codes(codings=(Coding(SYSTEMS["headache-local"], "headache-day"),)),
}
PRODUCTS = {
    Coding(RXNORM, "310965"): (Coding(RXNORM, "5640"),),
    Coding(RXNORM, "855332"): (Coding(RXNORM, "11289"),),
}


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (SNOMED, "23056005", {"sciatica.in", "left_sciatica.in"}),
        ("urn:oid:2.16.840.1.113883.6.96", "23056005", {"sciatica.in", "left_sciatica.in"}),
        (SNOMED, "230560050", set()),
        (SNOMED, "2305600", set()),
        (ICD, "M54.3", {"sciatica.in", "left_sciatica.in"}),
        (ICD, "m54.32", {"sciatica.in", "left_sciatica.in"}),
        (ICD, "M5431", {"sciatica.in"}),
        (ICD, "M54.31", {"sciatica.in"}),
        (ICD, "M54", set()),
        (SYSTEMS["icd-10"], "M54.3", set()),
        (ATC, "M01AE01", {"nsaid.in"}),
        (ATC, "m01ae01", {"nsaid.in"}),
        (ATC, "M01AX05", set()),
        (ATC, "N02BB51", {"nsaid.in"}),
        (ATC, "N02BB5", set()),
        (ATC, "N02BB510", set()),
        (RXNORM, "5640", {"nsaid.in"}),
        ("", "23056005", set()),
        (SNOMED, "", set()),
    ],
)
def test_a_coding_is_in_the_choices_that_ask_for_it(system, code, expected):
    index = CodeIndex(CHOICES, SETS, PRODUCTS)

    assert (expected, expected) == (index.match(system, code), index.match(system, code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("leg-weakness", (SYSTEMS["spine-local"], {"weakness.in"})),
        ("headache-day", (SYSTEMS["headache-local"], {"headache_day.in"})),
        ("23056005", ("", set())),
        ("", ("", set())),
    ],
)
def test_a_code_of_the_project_is_known_with_its_system(code, expected):
    assert expected == CodeIndex(CHOICES, SETS, PRODUCTS).local(code)


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (RXNORM, "310965", (Coding(RXNORM, "5640"),)),
        ("urn:oid:2.16.840.1.113883.6.88", "310965", (Coding(RXNORM, "5640"),)),
        (RXNORM, "5640", ()),
        (ATC, "310965", ()),
    ],
)
def test_a_product_is_known_by_its_ingredients(system, code, expected):
    assert expected == CodeIndex(CHOICES, SETS, PRODUCTS).ingredients(system, code)


def test_endless_new_codes_do_not_fill_the_memory_or_change_an_answer():
    index = CodeIndex(CHOICES, SETS, PRODUCTS)
    for number in range(60_000):
        index.match(SNOMED, f"x{number}")
        index.match(f"urn:{number}", "23056005")

    assert {"sciatica.in", "left_sciatica.in"} == index.match(SNOMED, "23056005")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("23056005", True),  # in whatever system
        ("m54.32", True),
        ("M54", False),
        ("310965", True),  # a product of the map with an ingredient that is asked for
        ("855332", False),  # one without
        ("J06.9", False),
        ("", False),
        (None, False),
    ],
)
def test_a_code_that_nothing_mentions_is_told_without_its_system(code, expected):
    mentions = CodeIndex(CHOICES, SETS, PRODUCTS).mentions

    assert (expected, expected) == (mentions[code], mentions[code])


def test_a_code_of_any_length_is_looked_up_at_once():
    index, long = CodeIndex(CHOICES, SETS, PRODUCTS), "M54.3" + 5_000_000 * "1"

    assert (frozenset(), "Sciatica, ICD-10") == (index.match(ICD, long), index.display(ICD, long))


def test_a_listed_code_is_found_however_long_it_is():
    long = Coding(SYSTEMS["spine-local"], 100 * "x")

    assert {"long.in"} == CodeIndex({"long.in": Codes(codings=(long,))}, {}, {}).match(*long[:2])


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (ATC, "M01AX05", {"nsaid.in"}),
        (ATC, "m01ax05", {"nsaid.in"}),
        ("http://www.whocc.no/atcddd", "M01AX05", {"nsaid.in"}),
        (ATC, "M01AE01", set()),
        (ICD, "M54.31", {"left_sciatica.in"}),
        (ICD, "M54.3", set()),
        (ICD, "M54.31" * 1_000_000, set()),
        (SNOMED, "23056005", set()),
        (None, None, set()),
    ],
)
def test_an_exception_names_the_choices_it_is_made_from(system, code, expected):
    assert expected == CodeIndex(CHOICES, SETS, PRODUCTS).exceptions(system, code)


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        (SNOMED, "23056005", "Sciatica"),
        ("urn:oid:2.16.840.1.113883.6.96", "23056005", "Sciatica"),
        (ICD, "m54.3", "Sciatica, ICD-10"),
        (ICD, "M54.31", "Sciatica, ICD-10"),
        (ICD, "M54", ""),
        (SNOMED, "230560050", ""),
        (SYSTEMS["spine-local"], "leg-weakness", "Weak leg"),
        (RXNORM, "5640", ""),
    ],
)
def test_a_bare_code_is_called_as_its_value_set_calls_it_or_the_group_it_lies_in(system, code, name):
    assert name == CodeIndex(CHOICES, SETS, PRODUCTS).display(system, code)
