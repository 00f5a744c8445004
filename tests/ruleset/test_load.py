"""Loading a folder: parameters of a site, what retired means, the fingerprint, and that nothing crashes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds.clinical import Coding
from cds.errors import RulesetError
from cds.ruleset.load import load
from cds.ruleset.model import Codes, Test
from cds.ruleset.site import parameters_of
from tests import shipped
from tests.ruleset.folders import completed, folder, services

LIMITS = """
parameters:
  window: {default: 30 days, about: How old.}
  limit: {default: 200 mL, about: How much.}
  strict: {default: false, about: Whether.}
  times: {default: 2, about: How often.}
facts:
  residual:
    title: Residual
    find: observation
    in: {system: spine-local, codes: {pvr-volume: Post-void residual volume}}
    unit: mL
    within: <window>
rules:
  - id: EX-1.a
    title: A rule
    when: [residual: at least <limit>]
    conclude: residual-raised
    rank: <times>
"""


def site(tmp_path: Path, text: str = LIMITS, *, name: str = "limits") -> Path:
    files = {f"example/{name}/ruleset.yaml": completed(text, name), "services.yaml": services("library", name)}
    return folder(tmp_path, files)


def messages(error: RulesetError) -> list[str]:
    return [str(problem) for problem in error.problems]


def test_a_parameter_has_its_default_unless_a_site_sets_it(tmp_path):
    root = site(tmp_path)
    default, own = load(root), load(root, {"limits": {"window": "2 weeks", "limit": "0.15 L", "times": 7}})

    found = [knowledge.rulesets["limits"] for knowledge in (default, own)]
    assert [30.0, 14.0] == [one.facts["residual"].parameters["within"] for one in found]
    assert [200.0, 150.0] == [test.operand for one in found for test in one.rules[0].when if isinstance(test, Test)]
    assert [2, 7] == [one.rules[0].rank for one in found]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"limits": {"windw": "3 days"}}, 'parameters:1: unknown parameter "windw"; did you mean "window"?'),
        ({"limit": {"window": "3 days"}}, 'parameters:1: unknown ruleset "limit"; did you mean "limits"?'),
        ({"limits": {"window": 3}}, 'parameters:1: parameter "window" must be a text'),
        (
            {"limits": {"window": "soon"}},
            'parameters:1: parameter "window" must be a duration, such as "30 days"',
        ),
        ({"limits": {"limit": "200 mg"}}, 'parameters:1: parameter "limit" must be an amount in mL'),
        ({"limits": {"limit": "200"}}, 'parameters:1: parameter "limit" must be an amount in mL'),
        ({"limits": {"strict": "yes"}}, 'parameters:1: parameter "strict" must be true or false'),
        ({"limits": {"times": "often"}}, 'parameters:1: parameter "times" must be a number'),
        ({"limits": {"times": True}}, 'parameters:1: parameter "times" must be a number'),
    ],
)
def test_a_site_can_only_set_what_there_is_to_what_it_may_be(tmp_path, parameters, expected):
    with pytest.raises(RulesetError) as refused:
        load(site(tmp_path), parameters)

    assert expected in messages(refused.value)


def test_the_parameters_of_a_file_are_told_with_their_lines(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text("limits:\n  window: 3 days\n  limit: 200 mg\n", encoding="utf-8")

    with pytest.raises(RulesetError) as refused:
        load(site(tmp_path), parameters_of(path))

    assert ['site.yaml:3: parameter "limit" must be an amount in mL'] == messages(refused.value)


@pytest.mark.parametrize("text", ["- a\n", "limits: 3\n", "a: [\n"])
def test_a_file_of_parameters_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RulesetError):
        parameters_of(path)


def test_what_is_retired_is_neither_run_nor_used(tmp_path):
    files = {
        "example/old/ruleset.yaml": completed("status: retired\nrules: []\n", "old"),
        "example/new/ruleset.yaml": completed("uses: [old]\nrules: []\n", "new"),
        "services.yaml": services("old", "new"),
    }

    with pytest.raises(RulesetError) as refused:
        load(folder(tmp_path, files))

    assert [
        'rulesets/example/new/ruleset.yaml:1: ruleset "new" uses "old", which is retired',
        'rulesets/services.yaml:2: service "all" runs ruleset "old", which is retired',
    ] == messages(refused.value)


def test_a_rule_id_is_unique_over_all_rulesets(tmp_path):
    rules = "rules:\n  - {id: EX-1.a, title: A rule, when: [sciatica], conclude: %s}\n"
    files = {
        "example/one/ruleset.yaml": completed(rules % "first", "one"),
        "example/two/ruleset.yaml": completed(rules % "second", "two"),
    }

    with pytest.raises(RulesetError) as refused:
        load(folder(tmp_path, files))

    place = "rulesets/example/one/ruleset.yaml:2"
    assert [f'rulesets/example/two/ruleset.yaml:2: the rule id "EX-1.a" is already defined in {place}'] == messages(
        refused.value
    )


def test_rulesets_that_run_together_draw_a_conclusion_in_one_of_them(tmp_path):
    rules = "rules:\n  - {id: EX-1.%s, title: A rule, when: [sciatica], conclude: shared}\n"
    files = {f"example/{name}/ruleset.yaml": completed(rules % name, name) for name in ("one", "two")}

    with pytest.raises(RulesetError) as refused:
        load(folder(tmp_path, {**files, "services.yaml": services("one", "two")}))

    place = "rulesets/example/one/ruleset.yaml:2"
    remedy = 'rename it, or let ruleset "two" use "one"'
    assert [f'rulesets/example/two/ruleset.yaml:2: "shared" is also concluded in {place}; {remedy}'] == messages(
        refused.value
    )


def test_a_file_that_is_not_yaml_does_not_make_others_wrong(tmp_path):
    rule = "  - {id: B, title: B, when: [x], conclude: y}\n"
    files = {
        "example/broken/ruleset.yaml": "facts: [\n",
        "example/user/ruleset.yaml": completed("uses: [broken]\n" + LIMITS + rule, "user"),
        "services.yaml": services("broken", "user"),
    }

    with pytest.raises(RulesetError) as refused:
        load(folder(tmp_path, files))

    assert ["rulesets/example/broken/ruleset.yaml"] == [problem.file for problem in refused.value.problems]


def test_a_folder_without_services_is_refused(tmp_path):
    root = site(tmp_path)
    (root / "services.yaml").unlink()

    with pytest.raises(RulesetError) as refused:
        load(root)

    assert ["rulesets/services.yaml:1: this file is missing; it says which rulesets run at which hook"] == messages(
        refused.value
    )


def test_the_fingerprint_is_that_of_the_files_and_the_parameters(tmp_path):
    root = site(tmp_path)
    first, again = load(root).fingerprint, load(root).fingerprint
    with_parameters = load(root, {"limits": {"times": 3}}).fingerprint
    (root / "services.yaml").write_text(services("limits"), encoding="utf-8")
    with_another_byte = load(root).fingerprint

    assert first == again
    assert 3 == len({first, with_parameters, with_another_byte})


def test_a_template_is_read_beside_its_ruleset(tmp_path):
    text = """
rules:
  - id: EX-1.a
    title: A rule
    when: [sciatica]
    evidence: {source: nice}
    card:
      indicator: info
      summary: Sciatica
      suggest: [{label: Refer, recommended: true, create: templates/referral.json}]
"""
    root = site(tmp_path, text)
    template = {
        "resourceType": "Task",
        "for": {"reference": "{patient}"},
        "restriction": {"period": {"end": "{today+7d}"}},
    }
    (root / "example/limits/templates").mkdir()
    (root / "example/limits/templates/referral.json").write_text(json.dumps(template), encoding="utf-8")

    card = load(root).rulesets["limits"].rules[0].card
    assert card is not None
    suggestion = card.suggest[0]

    assert ("Refer", True, "create", template) == (
        suggestion.label, suggestion.recommended, suggestion.actions[0].type, suggestion.actions[0].template
    )  # fmt: skip


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{",
            (
                '"templates/a.json" is not JSON: '
                "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
            ),
        ),
        ("[]", '"templates/a.json" must be one JSON object'),
        ("{}", '"templates/a.json" has no resourceType'),
        (
            '{"resourceType": "Task", "note": [{"text": "{patint}"}]}',
            (
                "templates/a.json: note[0].text: {patint} is not one of {patient}, {encounter}, {user}, {today}, "
                "{now}, {evidence}, {today+7d} or {<fact>.onset+42d}"
            ),
        ),
        (
            '{"resourceType": "Task", "authoredOn": "{sciatca.onset+42d}"}',
            '{sciatca.onset_days}: unknown fact or count "sciatca"; did you mean "sciatica"?',
        ),
        (
            '{"resourceType": "Task", "note": "see {evidence}"}',
            'templates/a.json: note: "{evidence}" must be the whole text',
        ),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_refused(tmp_path, template, expected):
    card = "{indicator: info, summary: S, suggest: [{label: Do it, create: templates/a.json}]}"
    text = f"rules:\n  - {{id: EX-1.a, title: A rule, when: [sciatica], evidence: {{source: nice}}, card: {card}}}\n"
    root = site(tmp_path, text)
    (root / "example/limits/templates").mkdir()
    (root / "example/limits/templates/a.json").write_text(template, encoding="utf-8")

    with pytest.raises(RulesetError) as refused:
        load(root)

    assert [f"rulesets/example/limits/ruleset.yaml:2: {expected}"] == messages(refused.value)


def test_codes_and_exceptions_of_a_fact_are_one_choice(tmp_path):
    text = """
facts:
  a:
    title: A
    find: condition
    in: [vs-sciatica, {system: icd-10-cm, codes: {"R39.14": Feeling of incomplete bladder emptying}}]
    except: {system: icd-10-cm, codes: ["R33.0"]}
"""
    spec = load(site(tmp_path, text)).rulesets["limits"].facts["a"]

    assert {
        "in": Codes(
            sets=("vs-sciatica",),
            codings=(Coding("http://hl7.org/fhir/sid/icd-10-cm", "R39.14", "Feeling of incomplete bladder emptying"),),
            except_codings=(Coding("http://hl7.org/fhir/sid/icd-10-cm", "R33.0", "Drug induced retention of urine"),),
        )
    } == spec.codes


def test_the_rulesets_of_the_project_load():
    knowledge = shipped.knowledge()

    assert {service.id for service in knowledge.services} >= {"spine-and-headache"}


_WORDS = ["sciatica", "is left", "above 3", "<x>", "{x}", ""]
_KEYS = ["any", "at least 1 of", "sciatica", "leg_pain.side", "title", "find", "in", "for each", "rules"]
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(_WORDS)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(_KEYS), inner, max_size=2)),
    max_leaves=6,
)
_PARTS = ["facts", "rules", "when", "of", "card", "evidence", "uses", "tables", "parameters", "each", "in"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(_PARTS), _VALUES)
def test_whatever_stands_in_a_ruleset_it_loads_or_is_refused(tmp_path, key, value):
    rule = {"id": "EX-1.a", "title": "A", "when": ["sciatica"], "conclude": "x-y"}
    parts: dict[str, dict[str, object]] = {
        "when": {"rules": [{**rule, "when": value}]},
        "of": {"rules": [{"count": "some_count", "of": value}]},
        "card": {"rules": [{**rule, "evidence": {"source": "nice"}, "card": value}]},
        "evidence": {"rules": [{**rule, "evidence": value}]},
        "each": {"rules": [{**rule, "each": value}]},
        "in": {"facts": {"a": {"title": "A", "find": "condition", "in": value}}},
    }
    written = parts.get(key, {key: value})
    text = "\n".join(f"{name}: {json.dumps(one)}" for name, one in written.items())

    try:
        assert load(site(tmp_path, text)).rulesets
    except RulesetError as error:
        assert error.problems


def test_words_and_operands_of_a_condition_are_kept(tmp_path):
    text = """
rules:
  - id: EX-1.a
    title: A rule
    when:
      - egfr: between 30   and 59 mL/min/1.73.m2
      - fever: onset at most 14 days before leg_pain
      - leg_pain.side: is one of left, both
    conclude: something
"""
    first, second, third = load(site(tmp_path, text)).rulesets["limits"].rules[0].when

    assert first == Test("egfr", "between", "value", (30.0, 59.0), "egfr: between 30 and 59 mL/min/1.73.m2")
    assert replace(second, words="") == Test(
        "fever", "between", "onset_days_before_leg_pain", (0.0, 14.0), anchor="leg_pain"
    )
    assert replace(third, words="") == Test("leg_pain", "is one of", "side", ("left", "both"))


QUIET = """
rules:
  - {id: EX-1.a, title: A, when: [sciatica], evidence: {source: nice}, card: {indicator: warning, summary: A}}
  - {id: EX-1.b, title: B, when: [sciatica], evidence: {source: nice}, card: {indicator: info, summary: B}}
  - {id: EX-1.c, title: C, when: [sciatica], evidence: {source: nice}, card: {indicator: critical, summary: C}}
  - id: EX-1.d
    title: D
    when: [sciatica]
    evidence: {source: nice}
    card: {indicator: warning, summary: D, quiet: 4 weeks}
  - id: EX-1.e
    title: E
    when: [sciatica]
    evidence: {source: nice}
    card: {indicator: info, summary: E, quiet: none}
"""


@pytest.mark.parametrize(
    ("of_site", "days"),
    [
        ("", [30, 90, 0, 28, 0]),
        ("quiet: {info: 2 weeks}\n", [30, 14, 0, 28, 0]),
        ("quiet: {warning: none, info: none}\n", [0, 0, 0, 28, 0]),
    ],
)
def test_a_card_is_quiet_for_as_long_as_its_rule_says_or_else_the_site(tmp_path, of_site, days):
    root = site(tmp_path, QUIET, name="quiet")
    offered = root / "services.yaml"
    offered.write_text(of_site + offered.read_text())

    assert days == [rule.card.quiet for rule in load(root).rulesets["quiet"].rules if rule.card]
