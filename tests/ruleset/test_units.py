"""Unit conversion: factors of the clinical specification (spine.md 0.4, headache.md 3.2)."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds.ruleset.analytes import ANALYTE_OF_LOINC, ANALYTES
from cds.ruleset.units import UNITS, convert, is_unit


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (100.4, "[degF]", "Cel", 38.0),
        (98.6, "°F", "Cel", 37.0),
        (310.15, "K", "Cel", 37.0),
        (0.2, "L", "mL", 200.0),
        (150, "cm3", "mL", 150.0),
        (3.5, "g/dL", "g/L", 35.0),
        (1.2, "mg/dL", "mg/L", 12.0),
        (900, "[IU]/L", "U/L", 900.0),
        (4.5, "u[IU]/mL", "m[IU]/L", 4.5),
        (150, "10*3/uL", "10*9/L", 150.0),
        (30, "mL/min/1.73.m2", "mL/min/{1.73_m2}", 30.0),
        (30, "mL/min/{1.73m2}", "mL/min/{1.73_m2}", 30.0),
        (30, "mL/min/1.73 m²", "mL/min/{1.73_m2}", 30.0),
        (220, "[lb_av]", "kg", 99.7903214),
        (1.5, "cm", "mm", 15.0),
        (2, "wk", "d", 14.0),
        (3, "mo", "d", 90.0),
        (12, "{days}", "d", 12.0),
        (14, "d/mo", "d/wk", 3.266666667),
        (7, "d/wk", "d/mo", 30.0),
        (2, "/wk", "d/wk", 2.0),
        (90, "min", "h", 1.5),
        (4, "g/d", "mg/d", 4000.0),
        (140, "mmHg", "mm[Hg]", 140.0),
        (7, "{score}", "{score}", 7.0),
        (7, None, "{score}", 7.0),
        (7, "1", "{score}", 7.0),
        (3, "cL", "mL", 30.0),
        (2, "mg/kg/d", "ug/kg/d", 2000.0),
        (300, "mg/mo", "mg/d", 10.0),
    ],
)
def test_a_value_is_converted_by_the_factor_of_the_specification(value, unit, wanted, expected):
    assert convert(value, unit, wanted) == expected


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "analyte", "expected"),
    [
        (10, "mg/dL", "mmol/L", "calcium", 2.495),
        (5, "meq/L", "mmol/L", "calcium", 2.5),
        (2, "mg/dL", "mmol/L", "magnesium", 0.8228),
        (1.6, "meq/L", "mmol/L", "magnesium", 0.8),
        (3.5, "mEq/L", "mmol/L", "potassium", 3.5),
        (135, "meq/L", "mmol/L", "sodium", 135.0),
        (0.8, "meq/L", "mmol/L", "lithium", 0.8),
        (1.5, "mg/dL", "umol/L", "creatinine", 132.63),
        (0.1, "mmol/L", "umol/L", "creatinine", 100.0),
        (132.63, "umol/L", "mg/dL", "creatinine", 1.5),
        (20, "mg/dL", "mmol/L", "urea nitrogen", 7.14),
        (40, "mg/dL", "mmol/L", "urea", 6.66),
        (59, "mL/min", "mL/min/{1.73_m2}", "egfr", 59.0),
        (10, "g/L", "g/dL", "calcium", 1.0),
    ],
)
def test_moles_grams_and_equivalents_convert_for_a_named_analyte(value, unit, wanted, analyte, expected):
    assert convert(value, unit, wanted, analyte) == expected


@pytest.mark.parametrize(
    ("unit", "wanted"),
    [
        ("mg/dL", "mmol/L"),
        ("meq/L", "mmol/L"),
        ("mL/min", "mL/min/{1.73_m2}"),
        ("d", "d/mo"),
        ("mg", "mL"),
        (None, "mg"),
        ("", "Cel"),
        ("{score}", "mm[Hg]"),
        ("furlong", "m"),
        ("mL", "furlong"),
        ("B[SPL]", "Pa"),
        ("m" * 50, "m"),
        ("10*99999999", "1"),
    ],
)
def test_a_unit_that_does_not_fit_gives_nothing(unit, wanted):
    assert convert(5, unit, wanted) is None


def test_the_analyte_of_one_substance_is_not_that_of_another():
    assert convert(10, "meq/L", "mmol/L", "creatinine") is None


def test_every_laboratory_code_measures_an_analyte_that_is_known():
    assert set() == set(ANALYTE_OF_LOINC.values()) - set(ANALYTES)


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_every_unit_of_the_table_is_its_own(unit):
    assert (convert(3.25, unit, unit), is_unit(unit)) == (3.25, True)


@pytest.mark.parametrize(("text", "expected"), [("mg/kg", True), ("d/mo", True), ("{days}", True), ("parsek", False)])
def test_what_is_a_unit(text, expected):
    assert is_unit(text) is expected


@settings(deadline=None)
@given(st.text(max_size=45), st.sampled_from(["mL", "mg/kg", "Cel", "{score}"]))
def test_no_text_sent_as_a_unit_breaks_the_conversion(text, wanted):
    converted = convert(1.0, text, wanted)
    assert converted is None or isinstance(converted, float)


def test_common_units_never_load_pint():
    code = (
        "import sys; from cds.ruleset.units import convert;"
        "assert convert(100.4, '[degF]', 'Cel') == 38.0 and convert(1, 'mg/dL', 'mmol/L') is None;"
        "assert convert(1, 'foo', 'foo') == 1 and 'pint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
