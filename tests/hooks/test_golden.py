"""Whole calls and their whole answers: ``cases/<case>/request.json`` and ``response.json``, ids masked.

`make golden` writes the answers anew.
"""

import json
import re
from datetime import datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from cds.hooks.answer import answer
from tests.hooks.messages import served

CASES = sorted((Path(__file__).parent / "cases").glob("*/request.json"))
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Europe/Vienna"))


@pytest.fixture(scope="module")
def catalogue():
    return served()


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_a_call_has_the_answer_that_was_reviewed(case, catalogue, golden):
    numbers = count(1)
    body = case.read_bytes()

    found = answer(
        catalogue.offers("pain"),
        body,
        now=NOW,
        new_id=lambda: f"00000000-0000-4000-8000-{next(numbers):012}",
        max_cards=6,
    )

    text = orjson.dumps(found.response, default=str, option=orjson.OPT_INDENT_2).decode() + "\n"
    expected = case.with_name("response.json")
    if golden:
        expected.write_text(text, encoding="utf-8")
    assert json.loads(expected.read_text(encoding="utf-8")) == json.loads(text)


def test_there_are_cases():
    assert CASES
    assert all(re.fullmatch(r"[a-z0-9-]+", case.parent.name) for case in CASES)
