"""The reasoning as a graph, and as a drawing: all of it, and nothing that is not so."""

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cds import conditions
from cds.outcome import Firing
from cds.reasons import Outlines, reasonings
from cds.ruleset.asked import subjects_of
from cds.ruleset.model import Program
from cds.ruleset.selection import rules_of
from cds.workbench.graph import Edge, Graph, graph
from cds.workbench.graph_layers import Port, columns_of, layout
from cds.workbench.graph_style import STYLE
from cds.workbench.graph_svg import svg
from cds.workbench.graph_text import lines, width
from cds.workbench.question import Question, ask
from tests.shipped import served
from tests.workbench.bladder import PROGRAM, patient, present, rule_named, unusable

PATIENTS = Path(__file__).parents[2] / "fhir_samples" / "patients"
STORIES = (
    "cauda-equina-new-saddle-numbness",
    "butalbital-twenty-days-a-month",
    "breast-cancer-new-leg-weakness",
    "pvr-without-unit",
    "healthy-runner-nothing-to-say",
)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def question(story: str, rule: str | None = None) -> Question:
    chart = (PATIENTS / f"{story}.json").read_bytes()
    return ask(served(), chart, NOW, service_id="spine-and-headache", hook=None, rule_id=rule)


def small_graph(rule: str, **told) -> Graph:
    facts = patient(**told)
    seen = reasonings(PROGRAM, Outlines.of(PROGRAM), facts, conditions.infer(PROGRAM, facts))[0]
    return graph("Why", PROGRAM, [(seen, rule_named(rule))])


NUMB = present("numb", onset_days=3.0)


def test_what_led_to_a_rule_is_drawn_from_the_record_on():
    drawn = small_graph("alarm", numb=NUMB, residual=present("residual", value=300.0))

    assert set(drawn.edges) == {
        Edge("entry Observation/residual", "fact residual"),
        Edge("entry Observation/numb", "fact numb"),
        Edge("fact residual", "rule raised", True, 0),
        Edge("fact numb", "rule recent", True, 0),
        Edge("rule raised", "rule alarm", True, 0),
        Edge("rule recent", "rule alarm", True, 1),
    }
    assert {node.note: node.lines for node in drawn.nodes if node.kind == "fact"} == {
        "residual": ("300 mL",),
        "numb": ("onset 3 days ago",),
    }


def test_what_failed_and_what_is_unknown_is_drawn_as_that():
    drawn = small_graph("alarm", residual=unusable("residual", "no unit"), mri=present("mri"))

    assert {(edge.source, edge.target): edge.truth for edge in drawn.edges if edge.target.startswith("rule")} == {
        ("fact residual", "rule raised"): None,
        ("fact numb", "rule recent"): False,
        ("rule raised", "rule alarm"): None,
        ("rule recent", "rule alarm"): False,
        ("fact mri", "rule alarm"): False,
    }
    assert {node.id: node.truth for node in drawn.nodes if node.id.startswith("rule")} == {
        "rule alarm": False,
        "rule raised": None,
        "rule recent": False,
    }


def test_a_rule_that_cannot_be_but_silent_is_drawn_with_the_reason_and_nothing_behind_it():
    drawn = question("healthy-runner-nothing-to-say", "SRF-04.t0").graph()

    node = next(node for node in drawn.nodes if node.id == "rule SRF-02.t0-diagnosis")
    assert node.lines == ("none on record of ces_diagnosis",)
    assert [edge for edge in drawn.edges if edge.target == node.id] == []


def fired(firings: tuple[Firing, ...]) -> set[str]:
    """The rules that led to these, with themselves."""
    found, waiting = set(), list(firings)
    for firing in waiting:
        if (firing.rule.id, firing.item) not in found:
            found.add((firing.rule.id, firing.item))
            waiting += [cause for reason in firing.reasons for cause in reason.because]
    return {f"rule {rule} {item or ''}".rstrip() for rule, item in found}


@pytest.mark.parametrize("story", STORIES)
def test_every_rule_that_led_to_a_card_is_there_and_no_other(story):
    asked = question(story)

    assert {node.id for node in asked.graph().nodes if node.id.startswith("rule")} == fired(
        asked.outcome.recommendations
    )


@pytest.mark.parametrize(
    ("story", "rule"),
    [*((story, None) for story in STORIES), ("pvr-without-unit", "SRF-04.t0"), (STORIES[-1], "SRF-07.t0")],
)
def test_every_edge_is_one_that_the_rules_or_the_record_have(story, rule):
    asked = question(story, rule)
    drawn = asked.graph()

    assert [edge for edge in drawn.edges if not _is_real(edge, asked.program, asked)] == []
    assert {end for edge in drawn.edges for end in (edge.source, edge.target)} <= {node.id for node in drawn.nodes}


def _is_real(edge: Edge, program: Program, asked: Question) -> bool:
    source, target = edge.source.split(), edge.target.split()
    if source[0] == "entry":
        return source[1] in {piece.reference for piece in asked.outcome.facts[target[1]].evidence}
    rules = {rule.id: rule for rule in rules_of(program)}
    subjects = subjects_of(rules[target[1]], program.counts)
    return (source[1] if source[0] == "fact" else rules[source[1]].conclude) in subjects


# The drawing


def drawing(story: str, rule: str | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(svg(question(story, rule).graph()))


def test_a_drawing_has_a_title_and_tells_in_words_what_it_shows():
    root = drawing(STORIES[0])

    assert root.get("aria-labelledby") == "title description"
    told = (
        "From 4 entries of the record over 4 facts and 11 conclusions to "
        "Suspected cauda equina syndrome, no MRI yet (critical · t0, fired)."
    )
    assert [root.findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == ["Why these cards", told]


def test_a_drawing_stands_alone():
    text = svg(question(STORIES[0]).graph())

    assert re.findall(r"<script|href=|@import|url\((?!#)|<image|foreignObject", text) == []


def test_no_words_are_smaller_than_eleven_pixels():
    sizes = [float(one) for one in re.findall(r"font-size: ([\d.]+)px", STYLE)]

    assert min(sizes) >= 11
    assert "prefers-color-scheme: dark" in STYLE


def test_truth_is_told_by_line_and_end_and_not_by_colour_alone():
    root = drawing("pvr-without-unit", "SRF-04.t0")

    ends = {path.get("class"): path.get("marker-end") for path in root.iter(f"{SVG}path") if path.get("marker-end")}
    assert ends == {
        "edge true": "url(#true-end)",
        "edge false": "url(#false-end)",
        "edge unknown": "url(#unknown-end)",
        "edge entry": "url(#entry-end)",
    }
    dashes = {
        kind: re.search(rf"\.edge\.{kind} {{[^}}]*?stroke-dasharray: ([\d ]+)", STYLE) for kind in ("false", "unknown")
    }
    assert len({found[1] for found in dashes.values() if found}) == 2


def test_boxes_do_not_lie_on_each_other():
    root = drawing("butalbital-twenty-days-a-month")
    boxes = [_place(box) for box in root.iter(f"{SVG}rect") if box.get("class") == "box"]

    assert len(boxes) > 40
    assert [
        (one, other)
        for number, one in enumerate(boxes)
        for other in boxes[number + 1 :]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ] == []


def _place(box: ElementTree.Element) -> tuple[float, float, float, float]:
    x, y, across, down = (float(box.get(name, "0")) for name in ("x", "y", "width", "height"))
    return x, y, x + across, y + down


def test_what_a_record_says_cannot_break_out_of_the_drawing():
    drawn = Graph("Why", (small_graph("alarm", numb=NUMB).nodes[0],), ())
    odd = Graph('<script>alert("1")</script>\x1b[2J', drawn.nodes, ())

    root = ElementTree.fromstring(svg(odd))

    assert root.findtext(f"{SVG}title") == '<script>alert("1")</script>[2J'
    assert list(root.iter(f"{SVG}script")) == []


def test_nothing_to_tell_is_a_drawing_too():
    root = drawing("healthy-runner-nothing-to-say")

    assert root.findtext(f"{SVG}desc") == "From 0 entries of the record over 0 facts and 0 conclusions to no card."


# Places


def test_a_box_stands_right_of_all_it_rests_on():
    links = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("x", "d")]

    assert columns_of("abcdx", links, dict.fromkeys("abcdx", 0)) == {"a": 0, "b": 1, "c": 2, "d": 3, "x": 0}


def test_a_circle_of_rules_does_not_keep_boxes_from_their_places():
    found = columns_of("abc", [("a", "b"), ("b", "c"), ("c", "b")], dict.fromkeys("abc", 0))

    assert found["a"] < found["b"] != found["c"]


def test_boxes_are_ordered_so_that_edges_do_not_cross():
    heights = dict.fromkeys(("a", "b", "c", "d"), 20.0)
    ports = [Port("a", "d", 10, 10), Port("b", "c", 10, 10)]

    placed = layout(heights, {"a": 0, "b": 0, "c": 1, "d": 1}, ports, 10.0)

    assert (placed.tops["a"] < placed.tops["b"]) is (placed.tops["d"] < placed.tops["c"])


def test_an_edge_passes_the_columns_between_its_ends():
    heights = dict.fromkeys(("a", "b", "c"), 20.0)
    placed = layout(heights, {"a": 0, "b": 1, "c": 2}, [Port("a", "c", 10, 10)], 10.0)

    (way,) = placed.ways
    assert way.columns == (1,)
    assert not placed.tops["b"] < way.heights[0] < placed.tops["b"] + 20


@pytest.mark.parametrize(
    ("words", "room", "expected"),
    [
        ("", 100, ()),
        ("saddle numbness", 400, ("saddle numbness",)),
        ("saddle numbness", 80, ("saddle", "numbness")),
        ("HD-RF-091.sudden-onset@1.0.0", 120, ("HD-RF-091.sudden-", "onset@1.0.0")),
        ("pneumonoultramicroscopic", 60, ("pneumon", "oultramic", "roscopic")),
    ],
)
def test_words_are_broken_into_lines_that_fit(words, room, expected):
    found = lines(words, room, 12)

    assert (found, "".join(found).replace(" ", "")) == (expected, words.replace(" ", ""))
    assert all(width(line, 12) <= room for line in found)
