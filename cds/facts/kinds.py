"""Which function answers which kind of fact."""

from __future__ import annotations

from collections.abc import Mapping

from cds.facts.episodes import episode
from cds.facts.events import draft_request, encounter, family_history, procedure
from cds.facts.findings import finding
from cds.facts.markers import raised_marker
from cds.facts.measures import observation
from cds.facts.patients import age, deceased, gender
from cds.facts.power import muscle_power, power_decline
from cds.facts.question import Answerer
from cds.facts.reports import report
from cds.facts.screens import screen_item
from cds.facts.sides import bilateral

ANSWERERS: Mapping[str, Answerer] = {
    "age": age,
    "bilateral": bilateral,
    "condition": finding,
    "deceased": deceased,
    "draft-request": draft_request,
    "encounter": encounter,
    "episode": episode,
    "family-history": family_history,
    "finding": finding,
    "gender": gender,
    "muscle-power": muscle_power,
    "observation": observation,
    "power-decline": power_decline,
    "procedure": procedure,
    "raised-marker": raised_marker,
    "report": report,
    "screen-item": screen_item,
    "task": procedure,
}
"""By the name of the kind."""

ALWAYS = frozenset({"age", "deceased", "draft-request", "encounter", "gender"})
"""Kinds whose answer is not found by codes in the record: they are asked of every patient."""
