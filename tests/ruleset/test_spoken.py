"""Numbers and units as people write them."""

import math

import pytest

from cds.clinical import Bounds
from cds.ruleset.spoken import amount


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (4.0, "d/wk", "4 days a week"),
        (1.0, "d/wk", "1 day a week"),
        (15.0, "d/mo", "15 days a month"),
        (0.0, "d", "0 days"),
        (1.0, "d", "1 day"),
        (2.5, "h", "2.5 hours"),
        (46.0, "a", "46 years"),
        (28.0, "mL/min/{1.73_m2}", "28 mL/min/1.73 m²"),
        (160.0, "mm[Hg]", "160 mmHg"),
        (38.25, "Cel", "38.25 °C"),
        (3.0, "1", "3"),
        (3.0, "{count}", "3"),
        (1234567.0, "mg", "1234567 mg"),
        (0.1 + 0.2, "mg", "0.3 mg"),
        (0.00001, "g", "0.00001 g"),
        (Bounds(10.0, math.inf), "mL", "10 mL or more"),
        (Bounds(-math.inf, 5.0), "mg/L", "5 mg/L or less"),
        (Bounds(3.0, 5.0), "d", "3 to 5 days"),
        (Bounds(3.0, 3.0), "d", "3 days"),
        ("left", "", "left"),
    ],
)
def test_an_amount_in_words(value, unit, words):
    assert words == amount(value, unit)
