"""The kind of fact about preventives of migraine that were tried before."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, Attribute, Kind, Parameter

PREVENTION_KINDS = (
    Kind(
        "preventive-trials",
        "preventive medicines that were tried, by their outcomes. Each outcome is one preventive: `adequate`, "
        "`inadequate`, `not-tolerated` or `contraindicated`, as a word or as a local code of that name",
        reads=("Observation",),
        also=("QuestionnaireResponse",),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "start": Parameter("codes", "component: when it was begun", required=True),
            "end": Parameter("codes", "component: when it was stopped", required=True),
            "long_enough": Parameter("days", "length from which a trial without benefit has failed", default=56.0),
        },
        attributes={
            "failed": Attribute(
                "number",
                "number of preventives that failed; without benefit in a trial that was long enough, not "
                "tolerated, or contraindicated",
                "1",
            ),
            "unclear": Attribute("number", "number of preventives without benefit in a trial of unknown length", "1"),
        },
        derivation=True,
        source="headache.md HD-PREV-030",
    ),
)
