"""Builds medicines, diaries and totals, and asks how often they were taken. The shared fact is named "acute"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count
from typing import Any

from cds.clinical import Coding, Fact, Quantity
from cds.record import Dosage, Entry, MedicationEntry, ObservationEntry
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec
from tests.facts.asking import NOW, TODAY, ago, facts, record, spec

ACUTE_CODES = [name for name, about in KINDS["acute-medicines"].parameters.items() if about.type == "codes"]
DAILY = Dosage(frequency=1, period=1, period_unit="d")
TWICE_DAILY = Dosage(frequency=2, period=1, period_unit="d")
THRICE_WEEKLY = Dosage(frequency=3, period=1, period_unit="wk")
AS_NEEDED = Dosage(as_needed=True)

_numbers = count(1)


def day(days: int) -> date:
    """The date so many days ago."""
    return TODAY - timedelta(days=days)


def _medicine(type: str, drug: str, of: Iterable[str], **given: Any) -> MedicationEntry:
    standard = {
        "reference": f"{type}/{next(_numbers)}",
        "codings": (Coding("test", drug, drug),),
        "text": drug,
        "sets": frozenset(f"acute.{each}" for each in of) | {"x.in"},
        "reasons": frozenset(),
    }
    return MedicationEntry(type=type, **{**standard, **given})


def order(drug: str = "ibuprofen", *dosages: Dosage, of: Iterable[str] = ("nsaid",), days: int = 100, **given: Any):
    """An active order written so many days ago."""
    standard = {"status": "active", "intent": "order", "authored": ago(days), "dosages": dosages}
    return _medicine("MedicationRequest", drug, of, **{**standard, **given})


def statement(drug: str = "ibuprofen", *dosages: Dosage, of: Iterable[str] = ("nsaid",), days: int = 100, **given: Any):
    """What the patient says to be taking since so many days ago."""
    standard = {"status": "active", "source": "Patient", "effective": (ago(days), None), "dosages": dosages}
    return _medicine("MedicationStatement", drug, of, **{**standard, **given})


def dispense(
    drug: str = "ibuprofen", pieces: float | None = None, *, days: int, of: Iterable[str] = ("nsaid",), **given: Any
):
    quantity = None if pieces is None else Quantity(pieces, "{tbl}")
    standard = {"status": "completed", "handed_over": ago(days), "quantity": quantity}
    return _medicine("MedicationDispense", drug, of, **{**standard, **given})


def administration(drug: str = "ibuprofen", *, days: int, of: Iterable[str] = ("nsaid",), **given: Any):
    standard = {"status": "completed", "effective": (ago(days), ago(days))}
    return _medicine("MedicationAdministration", drug, of, **{**standard, **given})


def _class_component(name: str) -> ObservationEntry:
    return ObservationEntry(
        type="Observation",
        reference="Observation/component",
        codings=(Coding("headache-local", "drug-class"),),
        sets=frozenset({"acute.class_component"}),
        value=(Coding("headache-local", f"class-{name}"),),
    )


def said(parameter: str, value: Any, *, days: int = 0, of: str | None = "nsaid", **given: Any) -> ObservationEntry:
    """An observation found by a parameter of the shared fact; ``of`` names the class."""
    standard = {
        "type": "Observation",
        "reference": f"Observation/{next(_numbers)}",
        "codings": (Coding("headache-local", parameter),),
        "sets": frozenset({f"acute.{parameter}"}),
        "effective": ago(days),
        "components": (_class_component(of),) if of else (),
    }
    return ObservationEntry(value=value, **{**standard, **given})


def diary(yes: Iterable[int], no: Iterable[int] = (), *, of: str | None = "nsaid") -> list[ObservationEntry]:
    """Days ago on which a drug of the class was, or was not, taken. Without a class the no is for every class."""
    return [
        *(said("diary", True, days=each, of=of) for each in yes),
        *(said("diary", False, days=each, of=of) for each in no),
    ]


def full_diary(yes: Iterable[int], days: int = 120, *, of: str = "nsaid") -> list[ObservationEntry]:
    """A diary of so many days without a gap."""
    taken = set(yes)
    return [*diary(taken, of=of), *diary((), set(range(days)) - taken, of=None)]


def monthly(value: Any, unit: str | None = "d", **given: Any) -> ObservationEntry:
    return said("per_month", Quantity(value, unit), **given)


def weekly(value: Any, unit: str | None = "d", **given: Any) -> ObservationEntry:
    return said("per_week", Quantity(value, unit), **given)


def lasting(value: float, unit: str = "mo", **given: Any) -> ObservationEntry:
    return said("duration", Quantity(value, unit), **given)


def acute_spec(**parameters: Any) -> FactSpec:
    return spec("acute-medicines", codes=ACUTE_CODES, name="acute", **parameters)


def used(name: str, *entries: Entry, now: Any = NOW, **parameters: Any) -> Fact:
    """Days of use of a class or family; ``parameters`` are those of the shared fact."""
    asked = spec("use-days", name="x", of="acute", **{"class": name})
    return facts([acute_spec(**parameters), asked], record(*entries), now=now)["x"]


def every_use(*entries: Entry) -> dict[str, Fact]:
    """Days of use of every class and family."""
    classes = KINDS["use-days"].parameters["class"].choices
    specs = [spec("use-days", name=name, of="acute", **{"class": name}) for name in classes]
    found = facts([acute_spec(), *specs], record(*entries))
    return {name: found[name] for name in classes}


def bounds(fact: Fact, window: str = "month") -> tuple[Any, Any, Any]:
    """Proven, estimated and possible days; None for what is unknown."""
    return tuple(fact.attributes.get(f"{window}_{bound}") for bound in ("min", "est", "max"))  # type: ignore[return-value]


def drafted(*drafts: Entry, **parameters: Any) -> list[Fact]:
    """The draft orders under review, as facts with attributes."""
    asked = spec("draft-medication", codes=parameters.pop("codes", ()), of="acute", **parameters)
    return list(facts([acute_spec(), asked], record(drafts=tuple(drafts)))["x"].items)
