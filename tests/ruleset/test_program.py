"""The program of some rulesets: its facts, its stages, and what has to be read for it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds.ruleset.limits import MAX_RULES_PER_STAGE
from cds.ruleset.load import load
from cds.ruleset.model import AnyOf, Codes, Count, Place, Relation, Rule, Test
from cds.ruleset.program import CircleError, program_of, requirements, stages
from cds.ruleset.strata import circles, way
from tests.ruleset.folders import completed, folder, services

_HERE = Place("a.yaml", 1)


def rule(name: str, *when: Test | AnyOf, conclude: str = "") -> Rule:
    return Rule(name, "example", "1.0.0", name, when, _HERE, conclude=conclude or f"{name}-there")


def needs(name: str, relation: Relation = "present") -> Test:
    return Test(f"{name}-there", relation)


def counts_of(*names: str) -> dict[str, Count]:
    return {"count": Count("count", tuple(needs(name) for name in names), _HERE)}


_COUNTED = Test("count", "at least", "value", 1.0)


def ids(found) -> list[set[str]]:
    return [{one.id for one in stage} for stage in found]


@pytest.mark.parametrize(
    ("rules", "counts", "expected"),
    [
        ([rule("a"), rule("b")], {}, [{"a", "b"}]),
        ([rule("b", needs("a")), rule("a")], {}, [{"a", "b"}]),
        ([rule("b", needs("a", "without")), rule("a")], {}, [{"a"}, {"b"}]),
        ([rule("b", needs("a", "unless")), rule("a")], {}, [{"a"}, {"b"}]),
        ([rule("b", AnyOf((needs("a", "without"), Test("fact", "present")))), rule("a")], {}, [{"a"}, {"b"}]),
        ([rule("c", needs("b")), rule("b", needs("a", "unless")), rule("a")], {}, [{"a"}, {"b", "c"}]),
        ([rule("c", needs("b", "unless")), rule("b", needs("a", "unless")), rule("a")], {}, [{"a"}, {"b"}, {"c"}]),
        ([rule("b", _COUNTED), rule("a")], counts_of("a"), [{"a"}, {"b"}]),
        ([rule("a", needs("b")), rule("b", needs("a"))], {}, [{"a", "b"}]),
        ([rule("c", needs("a", "without")), rule("a", needs("b")), rule("b", needs("a"))], {}, [{"a", "b"}, {"c"}]),
        ([], {}, []),
    ],
)
def test_what_must_be_settled_is_in_an_earlier_stage(rules, counts, expected):
    assert expected == ids(stages(rules, counts))


@pytest.mark.parametrize(
    ("rules", "counts"),
    [
        ([rule("a", needs("a", "unless"))], {}),
        ([rule("a", needs("b", "without")), rule("b", needs("a"))], {}),
        ([rule("a", needs("b", "without")), rule("b", needs("a", "without"))], {}),
        ([rule("a", _COUNTED), rule("b", needs("a"))], counts_of("b")),
    ],
)
def test_a_circle_through_an_absence_or_a_count_is_refused(rules, counts):
    with pytest.raises(CircleError):
        stages(rules, counts)


def test_a_long_stage_is_cut_where_the_order_of_its_rules_allows():
    names = [f"r{number}" for number in range(MAX_RULES_PER_STAGE * 2 + 1)]
    rules = [rule(name, needs(before)) for before, name in zip(["none", *names], names, strict=False)]

    found = stages(list(reversed(rules)), {})

    assert [MAX_RULES_PER_STAGE, MAX_RULES_PER_STAGE, 1] == [len(stage) for stage in found]
    assert names == [one.id for stage in found for one in stage]


_NAMES = "abcdefg"
_RULES = st.lists(
    st.builds(
        lambda name, when: rule(name, *(needs(other, relation) for other, relation in when)),
        st.sampled_from(_NAMES),
        st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(["present", "without", "unless"])), max_size=3),
    ),
    max_size=7,
    unique_by=lambda one: one.id,
)


@settings(deadline=None)
@given(_RULES)
def test_no_rule_runs_before_what_it_needs(rules):
    try:
        found = stages(rules, {})
    except CircleError:
        return
    stage_of = {one.conclude: number for number, stage in enumerate(found) for one in stage}
    for one in rules:
        for test in one.when:
            if test.subject in stage_of:
                later = stage_of[one.conclude] - stage_of[test.subject]
                assert later >= (1 if test.relation in ("without", "unless") else 0)


@pytest.mark.parametrize(
    ("needed", "expected"),
    [
        ({1: [2], 2: [], 3: [1]}, [(2,), (1,), (3,)]),
        ({1: [2], 2: [3], 3: [1], 4: [3]}, [(1, 2, 3), (4,)]),
        ({1: [1]}, [(1,)]),
        ({}, []),
    ],
)
def test_things_that_need_each_other_are_one_group(needed, expected):
    assert expected == [tuple(sorted(group)) for group in circles(needed)]


@pytest.mark.parametrize(
    ("start", "end", "expected"), [(1, 3, (1, 4, 3)), (1, 1, (1,)), (3, 1, ()), (2, 3, (2, 1, 4, 3))]
)
def test_the_shortest_way_is_shown(start, end, expected):
    assert expected == way(start, end, {1: [4, 5], 2: [1], 3: [], 4: [3], 5: [4]})


USER = """
uses: [library]
facts:
  unused: {title: Unused, find: gender}
rules:
  - count: gaps
    of: [unrecorded: fever, unrecorded: trauma]
  - count: unused_gaps
    of: [unrecorded: weight_loss]
  - id: EX-1.a
    title: A rule
    when: [{leg_pain: onset at most 14 days before sciatica}, {gaps: at least 1}]
    evidence: {source: nice}
    card: {indicator: info, summary: "eGFR {egfr}"}
  - id: EX-2.a
    title: A rule about orders
    each: draft_order
    when: [draft_order.systemic: is yes]
    conclude: systemic-order
"""


@pytest.fixture
def knowledge(tmp_path):
    files = {"example/user/ruleset.yaml": completed(USER, "user"), "services.yaml": services("user")}
    return load(folder(tmp_path, files))


def test_a_program_holds_the_facts_and_counts_that_are_asked_for(knowledge):
    found = program_of(knowledge, ["user"])

    assert {"sciatica", "leg_pain", "fever", "trauma", "egfr", "draft_order"} == set(found.facts)
    assert {"gaps"} == set(found.counts)
    assert (("sciatica",), ()) == (found.facts["leg_pain"].anchors, found.facts["sciatica"].anchors)


def test_rules_about_items_have_their_own_stages(knowledge):
    found = program_of(knowledge, ["user"])

    assert ([{"EX-1.a"}], {"draft_order": [{"EX-2.a"}]}) == (
        ids(found.stages),
        {name: ids(one) for name, one in found.each.items()},
    )


def test_what_has_to_be_read_is_narrowed_by_code_where_that_is_possible(knowledge):
    found = requirements(program_of(knowledge, ["user"]))

    sciatica = Codes(sets=("vs-sciatica",))
    assert (True, False) == (sciatica in (found["Condition"] or ()), sciatica in (found["Observation"] or ()))
    assert found["QuestionnaireResponse"] is None
