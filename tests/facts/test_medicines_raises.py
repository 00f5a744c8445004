import pytest
from msgspec.structs import replace

from cds.record import Dosage
from tests.facts.asking import ask
from tests.facts.prescribing import order, statement


def daily(dose, unit="mg"):
    return Dosage(dose=dose, dose_unit=unit, frequency=1, period=1, period_unit="d")


LOW, HIGH, UNKNOWN = daily(12.5), daily(25.0), daily(1.0, "{tbl}")


@pytest.mark.parametrize(
    ("medicines", "days"),
    [
        ([order("hctz", LOW, days=400, status="completed"), order("hctz", HIGH, days=60)], 60.0),
        ([order("hctz", HIGH, days=400, status="completed"), order("hctz", LOW, days=60)], None),
        ([order("hctz", LOW, days=400, status="completed"), order("hctz", LOW, days=60)], None),
        ([order("hctz", LOW, days=400, status="completed"), order("amiloride", HIGH, days=60)], None),
        ([order("hctz", LOW, days=400, status="completed"), order("hctz", UNKNOWN, days=60)], None),
        ([order("hctz", LOW, days=400, status="completed"), statement("hctz", HIGH, days=60)], 60.0),
        ([order("hctz", HIGH, days=60)], None),
        (
            [
                order("hctz", LOW, days=400, status="completed"),
                order("hctz", HIGH, days=300, status="completed"),
                order("hctz", LOW, days=200, status="completed"),
                order("hctz", HIGH, days=60),
            ],
            60.0,
        ),
    ],
)
def test_a_raise_is_a_greater_daily_dose_of_the_same_drug(medicines, days):
    assert ask("medication", *medicines).attributes.get("raised_days") == days


def test_an_order_without_a_date_raises_nothing():
    undated = replace(order("hctz", HIGH), authored=None)

    assert "raised_days" not in ask("medication", order("hctz", LOW, days=60), undated).attributes
