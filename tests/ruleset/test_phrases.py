"""What the right-hand side of a condition becomes: relation, attribute and operand in the attribute's own unit."""

import pytest

from cds.ruleset.model import FactSpec, Place, Test
from cds.ruleset.phrases import PhraseError
from cds.ruleset.phrases import test_of as asked
from cds.ruleset.scope import Scope

_NOWHERE = Place("a.yaml", 1)


def _spec(name: str, kind: str, **parameters: float | str) -> FactSpec:
    return FactSpec(name, kind, {}, parameters, name, _NOWHERE, "example")


SCOPE = Scope(
    facts={
        spec.name: spec
        for spec in (
            _spec("egfr", "observation", unit="mL/min/{1.73_m2}"),
            _spec("temperature", "observation", unit="Cel"),
            _spec("pain", "observation", unit="{score}"),
            _spec("days", "observation", unit="d/mo"),
            _spec("weakness", "finding"),
            _spec("fall", "finding"),
            _spec("mri_done", "procedure"),
            _spec("age", "age"),
            _spec("gender", "gender"),
        )
    },
    counts=frozenset({"gaps"}),
    conclusions={"seen": ""},
)


@pytest.mark.parametrize(
    ("subject", "phrase", "expected"),
    [
        ("egfr", "below 30 mL/min/1.73.m2", Test("egfr", "below", "value", 30.0)),
        ("egfr", "below 30", Test("egfr", "below", "value", 30.0)),
        ("egfr", "above  -3.5", Test("egfr", "above", "value", -3.5)),
        ("egfr", "is 3", Test("egfr", "is", "value", 3.0)),
        ("egfr", "is not 3", Test("egfr", "is not", "value", 3.0)),
        ("egfr", "is known", Test("egfr", "known", "value")),
        ("egfr", "is unknown", Test("egfr", "unknown", "value")),
        ("egfr.measured_days", "at most 8 weeks", Test("egfr", "at most", "measured_days", 56.0)),
        ("egfr", "measured within 48 hours", Test("egfr", "at most", "measured_hours", 48.0)),
        ("temperature", "at least 100.4 [degF]", Test("temperature", "at least", "value", 38.0)),
        ("temperature", "between 36 and 38 Cel", Test("temperature", "between", "value", (36.0, 38.0))),
        ("temperature", "between 98.6 [degF] and 38 Cel", Test("temperature", "between", "value", (37.0, 38.0))),
        ("pain", "at least 7", Test("pain", "at least", "value", 7.0)),
        ("pain", "at least 7 {score}", Test("pain", "at least", "value", 7.0)),
        ("days", "above 2 d/wk", Test("days", "above", "value", 8.571428571)),
        ("age", "at least 65 years", Test("age", "at least", "value", 65.0)),
        ("gender", "is female", Test("gender", "is", "value", "female")),
        ("gender", "is one of male,  other", Test("gender", "is one of", "value", ("male", "other"))),
        ("weakness.side", "is not left", Test("weakness", "is not", "side", "left")),
        ("weakness", "onset within 14 days", Test("weakness", "at most", "onset_days", 14.0)),
        ("weakness", "onset within 1 day", Test("weakness", "at most", "onset_days", 1.0)),
        ("weakness", "worsened more than 2 weeks ago", Test("weakness", "above", "worsened_days", 14.0)),
        ("weakness", "stated at least 3 months ago", Test("weakness", "at least", "stated_days", 90.0)),
        ("weakness", "onset known", Test("weakness", "known", "onset_days")),
        ("weakness", "onset unknown", Test("weakness", "unknown", "onset_days")),
        ("mri_done", "done within 1 year", Test("mri_done", "at most", "done_days", 365.0)),
        ("gaps", "at least 3", Test("gaps", "at least", "value", 3.0)),
        ("gaps", "between 2 and 3", Test("gaps", "between", "value", (2.0, 3.0))),
    ],
)
def test_a_phrase_says_what_is_compared_with_what(subject, phrase, expected):
    assert expected == asked(subject, phrase, SCOPE)


@pytest.mark.parametrize(
    ("phrase", "relation", "operand"),
    [
        ("onset within 1 days of fall", "between", (-1.0, 1.0)),
        ("onset at most 14 days before fall", "between", (0.0, 14.0)),
        ("onset at least 14 days before fall", "at least", 14.0),
        ("onset at most 14 days after fall", "between", (-14.0, 0.0)),
        ("onset at least 14 days after fall", "at most", -14.0),
    ],
)
def test_a_window_from_another_fact_counts_days_before_it(phrase, relation, operand):
    expected = Test("weakness", relation, "onset_days_before_fall", operand, anchor="fall")

    assert expected == asked("weakness", phrase, SCOPE)


@pytest.mark.parametrize(
    ("subject", "phrase"),
    [
        ("egfr", ""),
        ("egfr", "above"),
        ("egfr", "above 30 or below 10"),
        ("egfr", "between 3"),
        ("egfr", "is known for sure"),
        ("egfr", "above 1,000"),
        ("temperature", "above 38 [degF"),
        ("pain", "at least 7 mm"),
        ("weakness", "onset before fall"),
        ("weakness", "onset within -3 days"),
        ("weakness", "onset within 3 days of seen"),
        ("weakness", "onset within 3 hours of fall"),
        ("weakness.side", "is"),
        ("weakness.onset", "within 3 days"),
        ("gender", "is one of"),
        ("gender", "is one of male, "),
        ("gaps", "is known"),
        ("gaps", "at least 3 mg"),
        ("seen", "is known"),
    ],
)
def test_what_is_no_phrase_is_refused(subject, phrase):
    with pytest.raises(PhraseError):
        asked(subject, phrase, SCOPE)
