"""docs/real-patients.md: what would have been shown over the lives of patients that others made, and its worth.

`python -m tests.clinical.real FOLDER` plays them, with the folder of those data, and writes the page anew.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path

import yaml

from cds.population.backtest import Call, backtest, spoken
from cds.population.shares import rate, shares
from tests import shipped
from tests.clinical.page import ROOT

FILE = ROOT / "docs" / "real-patients.md"
JUDGED = Path(__file__).with_name("real-patients.yaml")
SOURCES = ("synthea-2019", "synthea-2020", "synthea-2021", "ips")
SERVICE = "spine-and-headache"

_HEAD = """\
# What real data are answered with

Written by `python -m tests.clinical.real`; do not edit. The service `{service}` was called over the whole
lives of the {patients} patients in `fhir-real` that nobody here made up: Synthea of three years, and summaries
that vendors brought to connectathons. It was called at the end of every visit and whenever orders were
written, with what was on record by then. Nobody ever answered a card, so nothing was kept back. What each
rule said was read; what was found stands beside it.

{calls}
"""


_SUBPOPULATIONS = """\
Sex is the administrative gender. Age is the age at the call, so that a patient who grew older appears in more than
one band. Race and ethnicity are taken from the US Core extensions (categories of 1997) where a record has them; no
rule here reads them. Percentages are left out when the denominator is below 20. There are too few patients to show a
difference between groups, and they were not chosen for that: the service speaks about back pain and headache, and
which of these 20 patients have them is chance."""


def played(folder: Path) -> tuple[Call, ...]:
    """Every call over the lives in the folder."""
    files = [file for source in SOURCES for file in sorted((folder / source).glob("*.json"))]
    return tuple(backtest(shipped.served().offers(SERVICE), files, UTC))


def judged() -> dict[str, str]:
    """By rule: what was found when its firings were read."""
    return dict(yaml.safe_load(JUDGED.read_text(encoding="utf-8")))


def page(calls: Sequence[Call]) -> str:
    patients = dict.fromkeys(call.patient for call in calls)
    head = _HEAD.format(service=SERVICE, patients=len(patients), calls=" ".join(_by_hook(calls)))
    lines = [head, "## By patient", "", "| patient | calls | silent | cards | rules, with the calls they spoke in |"]
    lines += ["|---|---|---|---|---|", *(_of_patient(name, calls) for name in patients)]
    lines += ["", "## By sub-population", "", _SUBPOPULATIONS, "", *_by_subpopulation(calls)]
    lines += ["", "## By rule", "", "| rule | indicator | calls | patients | what it is about | read, and found |"]
    lines += ["|---|---|---|---|---|---|", *_by_rule(calls)]
    return "\n".join(lines) + "\n"


def rules_told(text: str) -> dict[str, str]:
    """The rules in the page's table, with their indicators."""
    told = text.split("## By rule", 1)[1]
    return dict(re.findall(r"^\| `([^`]+)` \| (\w+) \|", told, re.MULTILINE))


def _by_hook(calls: Sequence[Call]) -> Iterator[str]:
    for hook, number in Counter(call.hook for call in calls).items():
        cards = Counter(len(call.cards) for call in calls if call.hook == hook)
        told = ", ".join(f"{times} with {_cards(many)}" for many, times in sorted(cards.items()))
        yield f"{number} calls of {hook}: {told}."


def _cards(many: int) -> str:
    return {0: "none", 1: "one card"}.get(many, f"{many} cards")


def _of_patient(name: str, calls: Sequence[Call]) -> str:
    own = [call for call in calls if call.patient == name]
    silent = sum(not call.cards for call in own)
    said = ", ".join(f"`{one.rule.id}` {one.calls}" for one in spoken(own)) or "–"
    return f"| {_short(name)} | {len(own)} | {silent} | {sum(len(call.cards) for call in own)} | {said} |"


def _short(name: str) -> str:
    """Synthea names a file by the patient's name and number; the first parts tell it apart."""
    return re.sub(r"(_?[0-9a-f]{8})-[0-9a-f-]{27}$", r"\1", name).replace("_", " ")


def _by_subpopulation(calls: Sequence[Call]) -> Iterator[str]:
    yield "| by | group | patients with a card | calls with a card | cards |"
    yield "|---|---|---|---|---|"
    for one in shares(calls):
        patients, told = rate(one.patients_with_card, one.patients), rate(one.calls_with_card, one.calls)
        yield f"| {one.of.by} | {one.of.name} | {patients} | {told} | {one.cards} |"


def _by_rule(calls: Sequence[Call]) -> Iterator[str]:
    found = judged()
    for one in spoken(calls):
        if one.rule.id not in found:
            raise SystemExit(f"{JUDGED.name} does not say what to think of {one.rule.id}: read its firings first")
        told = " ".join(found[one.rule.id].split())
        yield f"| `{one.rule.id}` | {one.indicator} | {one.calls} | {one.patients} | {one.rule.title} | {told} |"


if __name__ == "__main__":
    FILE.write_text(page(played(Path(sys.argv[1]))), encoding="utf-8")
