"""spine.md MED-26: the daily dose for each kilogram of body weight."""

import pytest
from msgspec.structs import replace

from cds.clinical import Bounds
from tests.facts.asking import facts, measured, record, spec
from tests.facts.prescribing import DAILY, order

INFINITY = float("inf")
GRAMS = replace(DAILY, dose=3.0, dose_unit="g")


def by_weight(*entries):
    weight = spec("observation", name="weight", unit="kg", within=180)
    asked = spec("medication", weight="weight")
    return facts([weight, asked], record(*entries))["x"].attributes.get("dose_by_weight")


def weight(value, unit="kg", **given):
    return measured(value, unit, sets=frozenset({"weight.in"}), **given)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([order("paracetamol", GRAMS), weight(50.0)], 60),
        ([order("paracetamol", GRAMS), weight(50_000.0, "g")], 60),
        ([order("paracetamol", GRAMS), order("remedy", DAILY), weight(50.0)], Bounds(60, INFINITY)),
        ([order("paracetamol", DAILY), weight(50.0)], None),
        ([order("paracetamol", GRAMS)], None),
        ([order("paracetamol", GRAMS), weight(50.0, days=181)], None),
        ([order("paracetamol", GRAMS), weight(50.0, None)], None),
        ([order("paracetamol", GRAMS), weight(0.0)], None),
        ([order("paracetamol", GRAMS), weight(Bounds(40.0, INFINITY))], None),
    ],
)
def test_the_dose_for_each_kilogram_is_known_when_dose_and_weight_are(entries, expected):
    assert by_weight(*entries) == expected
