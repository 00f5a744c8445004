"""The patients of the EHR: those of the sample calls as they are told today, and the one of the small ruleset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cds.workbench.samples import told_on
from tests.ehr.chart import Chart, Resource
from tests.hooks import messages

PATIENTS = Path(__file__).parents[2] / "fhir_samples" / "patients"
CALLS = PATIENTS.with_name("hooks")


@dataclass(frozen=True, slots=True)
class Visit:
    """A patient's chart, and a moment at which the EHR asks about it."""

    service: str
    hook: str
    context: Resource
    chart: Chart


def sample(name: str) -> Visit:
    """A sample call; what it brings as prefetch becomes the chart on the server."""
    message = _told(CALLS / f"{name}.json")
    service = json.loads((CALLS / f"{name}.response.json").read_text("utf-8"))["service"]
    resources = [one for value in message["prefetch"].values() for one in _resources(value)]
    return Visit(service, message["hook"], message["context"], of(resources))


def stories() -> dict[str, Chart]:
    """Every sample patient."""
    return {path.stem: Chart(_told(path)) for path in sorted(PATIENTS.glob("*.json"))}


def small() -> Chart:
    """Every rule of the small ruleset that looks at the chart has something to say."""
    record = messages.data(
        messages.headache(),
        messages.thunderclap(),
        messages.stiff_neck(),
        messages.nsaid_days(4),
        messages.pain_score(20),
    )
    return of(one for value in record.values() for one in _resources(value))


def of(resources: Iterable[Resource]) -> Chart:
    return Chart({"entry": [{"resource": one} for one in resources]})


def _resources(value: Any) -> Iterator[Resource]:
    if value and value["resourceType"] == "Bundle":
        yield from (entry["resource"] for entry in value.get("entry", ()))
    elif value:
        yield value


def _told(path: Path) -> Any:
    return told_on(json.loads(path.read_text("utf-8")), datetime.now(UTC).date())
