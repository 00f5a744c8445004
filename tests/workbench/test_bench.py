"""One engine for all rulesets: what a ruleset comes to among others is what it comes to alone."""

import pytest

from cds.evaluate import prepare
from cds.ruleset.load import load
from cds.ruleset.model import Knowledge
from cds.workbench.bench import Bench, Ready
from cds.workbench.testing import collect, played, result, run
from tests.ruleset.folders import completed, folder
from tests.workbench.small import rulesets

FEVER = """\
uses: [library]
rules:
  - {id: F-01.hot, title: Fever, when: [fever], conclude: hot}
  - {id: F-02.calm, title: No fever, when: [{without: hot}, back_pain], conclude: calm}
"""
MORE_FEVER = """\
uses: [fever]
rules:
  - {id: G-01.hot, title: Injury makes hot, when: [trauma], conclude: hot}
"""
OTHERWISE = """\
uses: [library]
facts:
  swelling: {title: Swelling, find: finding, in: {system: spine-local, codes: {trauma: Trauma}}}
rules:
  - {id: O-01, title: Swollen, when: [swelling], conclude: swollen}
"""
AGAIN = OTHERWISE.replace("O-01", "A-01").replace("codes: {trauma: Trauma}", "codes: {weight-loss: Weight loss}")
CASES = """\
ruleset: {ruleset}
today: 2026-11-21
cases:
  - name: hurt in the back
    facts: {{back_pain: present, trauma: present}}
    conclusions: [{conclusions}]
    cards: []
"""


@pytest.fixture
def two(tmp_path):
    """A ruleset adds to the conclusions of another, which does not know of it."""
    return folder(
        tmp_path,
        {
            "example/fever/ruleset.yaml": completed(FEVER, "fever"),
            "example/fever/tests.yaml": CASES.format(ruleset="fever", conclusions="calm"),
            "example/more-fever/ruleset.yaml": completed(MORE_FEVER, "more-fever"),
            "example/more-fever/tests.yaml": CASES.format(ruleset="more-fever", conclusions="hot"),
        },
    )


def test_rules_of_rulesets_that_a_case_is_not_about_are_as_if_not_written(two):
    bench = Bench(two)
    cases = collect(two, knowledge=bench.knowledge)

    assert [(), ()] == [one.differences for one in run(bench, cases)]
    assert 1 == len({id(bench.ready(case).prepared.engine) for case in cases})


def test_rulesets_that_say_a_thing_in_two_ways_are_kept_apart(tmp_path):
    root = folder(
        tmp_path,
        {
            "example/one/ruleset.yaml": completed(OTHERWISE, "one"),
            "example/one/tests.yaml": CASES.format(ruleset="one", conclusions="")
            .replace("{back_", "{swelling: absent, back_")
            .replace(", trauma: present", ""),
            "example/other/ruleset.yaml": completed(AGAIN.replace("swollen", "thick"), "other"),
            "example/other/tests.yaml": CASES.format(ruleset="other", conclusions="thick")
            .replace("back_pain", "swelling")
            .replace(", trauma: present", ""),
        },
    )
    bench = Bench(root)
    cases = collect(root, knowledge=bench.knowledge)

    assert [(), ()] == [one.differences for one in run(bench, cases)]
    assert 2 == len({id(bench.ready(case).prepared.engine) for case in cases})


def test_a_case_comes_to_the_same_by_an_engine_of_its_ruleset_alone(tmp_path):
    root = rulesets(tmp_path)
    bench = Bench(root)
    alone = Ready(bench.knowledge, prepare(bench.knowledge, ("pain",)))
    cases = collect(root, knowledge=bench.knowledge)

    assert [told(alone, case, root) for case in cases] == [told(bench.ready(case), case, root) for case in cases]


def told(ready: Ready, case, root):
    outcome = played(ready, case, root)
    return outcome.recommendations, outcome.conclusions, outcome.unanswered


def test_what_is_loaded_already_is_not_loaded_again(tmp_path):
    root = rulesets(tmp_path)
    knowledge: Knowledge = load(root)

    assert Bench(root, knowledge).knowledge is knowledge


def test_a_draft_is_tested_as_if_it_were_active(tmp_path):
    root = rulesets(tmp_path)
    file = root / "demo" / "pain" / "ruleset.yaml"
    file.write_text(file.read_text().replace("status: active", "status: draft"))
    bench = Bench(root)

    assert [()] * 4 == [result(bench, case).differences for case in collect(root, knowledge=bench.knowledge)]
