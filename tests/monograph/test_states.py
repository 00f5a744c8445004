"""Which edit makes the results of which rulesets those of other files."""

import pytest

from cds.monograph.states import States
from cds.ruleset.load import load
from tests.ruleset.folders import RESIDUAL_RAISED, completed, folder, services, valueset

ABOVE = """
uses: [limits]
rules:
  - id: EX-2.card
    title: Raised
    when: [residual-raised]
    evidence: {source: nice, strength: expert opinion}
    card: {indicator: warning, summary: Residual raised}
"""
APART = """
facts:
  leg: {title: Leg pain, find: condition, in: vs-apart}
rules:
  - {id: EX-3.ache, title: Aches, when: [leg], conclude: aches}
"""
CASES = "ruleset: {0}\ntoday: 2026-11-21\ncases:\n  - {{name: nothing, facts: {{}}, conclusions: [], cards: []}}\n"

NAMES = {"limits": RESIDUAL_RAISED, "above": ABOVE, "apart": APART}


@pytest.fixture
def root(tmp_path):
    files = {f"example/{name}/ruleset.yaml": completed(text, name) for name, text in NAMES.items()}
    cases = {f"example/{name}/tests.yaml": CASES.format(name) for name in NAMES}
    codes = valueset("vs-apart", '{system: snomed, code: "23056005", display: Sciatica, verified_in: the tests}')
    shared = {"valuesets/vs-apart.yaml": codes, "services.yaml": services("library", *NAMES)}
    return folder(tmp_path, {**files, **cases, **shared})


def states(root):
    there = States(load(root), root)
    return {name: there.own(name) for name in NAMES}, {name: there.around(name) for name in NAMES}


@pytest.mark.parametrize(
    ("file", "added", "own", "around"),
    [
        ("example/limits/ruleset.yaml", "# read again\n", {"limits", "above"}, {"limits", "above"}),
        ("example/limits/tests.yaml", "# read again\n", {"limits"}, {"limits"}),
        ("example/limits/survivors.yaml", "ruleset: limits\n", {"limits"}, {"limits"}),
        ("example/limits/templates/task.json", "{}", {"limits", "above"}, {"limits", "above"}),
        ("example/limits/notes.md", "Not read by anything.\n", set(), set()),
        ("example/above/ruleset.yaml", "# read again\n", {"above"}, {"limits", "above"}),
        ("example/above/tests.yaml", "# read again\n", {"above"}, {"limits", "above"}),
        ("example/apart/tests.yaml", "# read again\n", {"apart"}, {"apart"}),
        ("valuesets/vs-apart.yaml", "# read again\n", {"apart"}, {"apart"}),
        ("valuesets/vs-override-reason.yaml", "# read again\n", set(NAMES), set(NAMES)),
        ("services.yaml", "quiet: {warning: 3 days}\n", {"above"}, {"limits", "above"}),
        ("services.yaml", "# read again\n", set(), set()),
        ("results.json", "{}", set(), set()),
    ],
)
def test_an_edit_is_of_the_results_that_hang_on_it(root, file, added, own, around):
    before = states(root)
    (root / file).parent.mkdir(exist_ok=True)
    with (root / file).open("a", encoding="utf-8") as edited:
        edited.write(added)
    after = states(root)

    assert (own, around) == tuple(
        {name for name in NAMES if new[name] != old[name]} for old, new in zip(before, after, strict=True)
    )


def test_a_state_is_the_same_wherever_the_folder_lies(root, tmp_path):
    moved = root.rename(tmp_path / "elsewhere")

    assert states(moved) == states(moved.rename(root))
