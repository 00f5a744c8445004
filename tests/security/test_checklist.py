"""The security checklist: every requirement of the standard once, and every proof that it names is there."""

import re
from pathlib import Path

import pytest

from tests import proofs

PAGE = (proofs.ROOT / "docs" / "security-checklist.md").read_text(encoding="utf-8")
STANDARD = Path(__file__).with_name("asvs-5.0.0.txt")
GAPS, _, CHAPTERS = PAGE.partition("## Gaps")[2].partition("## V1 ")
ROW = re.compile(r"^\| (V[\d. V–]+?) \| (.+?) \| (met|operator|gap|–) \| (.+) \|$", re.MULTILINE)


def required():
    """The numbers of levels 1 and 2, in the order of the standard."""
    for line in STANDARD.read_text().splitlines():
        if not line.startswith("#"):
            section, _, levels = line.partition(" ")
            first, second, _third = levels.split("|") if levels.count("|") == 2 else (*levels.split("|"), "")
            yield from (f"{section}.{number}" for number in (*first.split(), *second.split()))


REQUIRED = [*required()]


def named(cell):
    """The numbers of a cell; ``V6.2.1–V6.2.12`` is all of them in between."""
    for part in cell.split():
        first, _, last = part.partition("–")
        yield from REQUIRED[REQUIRED.index(first) : REQUIRED.index(last or first) + 1]


ROWS = [(cell, word, shown) for cell, _, word, shown in ROW.findall(CHAPTERS)]


def test_the_standard_has_253_requirements_of_levels_1_and_2():
    """As its own introduction counts them: 70 and 183."""
    assert (253, 253) == (len(REQUIRED), len({*REQUIRED}))


def test_every_row_is_understood():
    lines = [line for line in CHAPTERS.splitlines() if line.startswith("| V")]

    assert len(lines) == len(ROWS)


def test_every_requirement_stands_there_once():
    listed = [number for cell, *_ in ROWS for number in named(cell)]

    assert sorted(REQUIRED) == sorted(listed)


def test_the_gaps_are_those_of_the_rows():
    told = re.findall(r"^\| (V[\d.]+) \|", GAPS, re.MULTILINE)

    assert told == [number for cell, word, _ in ROWS if word == "gap" for number in named(cell)]


@pytest.mark.parametrize("proof", proofs.named(" ".join(shown for *_, shown in ROWS)))
def test_every_proof_is_there(proof):
    assert proofs.is_there(proof)


def test_every_row_that_is_met_names_a_test_a_page_or_a_trial():
    proof = re.compile(r"`\S+\.(py|md)\S*`|\bF\d\d\b|the table above|^above$")

    assert [] == [cell for cell, word, shown in ROWS if word == "met" and not proof.search(shown)]
