"""Words of a record that a terminal would take for commands are printed without them."""

import json

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.hooks.messages import RULESETS, SNOMED, bundle, headache, nsaid_days, patient

CODED = {"coding": [{"system": SNOMED, "code": "25064002", "display": "Headache"}], "text": "Headache"}
CHART = bundle(patient(), headache() | {"code": CODED}, nsaid_days())
COMMANDS = "\x1b[2J \x1b]0;title\x07 \x9b31m \u202e \u2066 \x08\x08\x08 \x00"


@pytest.mark.parametrize("option", [[], ["--json"]], ids=["lines", "json"])
def test_an_explanation_holds_nothing_that_a_terminal_obeys(tmp_path, option):
    """(I6)"""
    marked = json.dumps(f"{COMMANDS} here ")[1:-1]
    text = json.dumps(CHART)
    for member in ("text", "display", "unit"):
        text = text.replace(f'"{member}": "', f'"{member}": "{marked}')
    chart = tmp_path / "chart.json"
    chart.write_text(text)
    arguments = ["explain", str(chart), "--service", "pain", "--today", "2026-11-21", *option]

    found = CliRunner().invoke(main, arguments, env={"CDS_RULESETS": str(RULESETS)})

    assert "here" in found.output
    assert [] == [mark for mark in COMMANDS if not mark.isprintable() and mark in found.output]
