"""A chart about which every rule has something to say: what all sample patients have, in one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bench.chart import PATIENT, Resource, patient
from cds.workbench.samples import told_on

_PATIENTS = Path(__file__).parents[1] / "fhir_samples" / "patients"
_REFERENCE = re.compile(r'"Patient/[^"]+"')


def everything(today: date) -> list[Resource]:
    return [patient(), *_others(today)]


def _others(today: date) -> Iterator[Resource]:
    """Ids of their own, since each story begins to count anew."""
    for number, path in enumerate(sorted(_PATIENTS.glob("*.json"))):
        story = _REFERENCE.sub(f'"Patient/{PATIENT}"', json.dumps(told_on(json.loads(path.read_bytes()), today)))
        for entry in json.loads(story)["entry"]:
            resource = entry["resource"]
            if resource["resourceType"] != "Patient":
                yield {**resource, "id": f"{number}-{resource['id']}"}
