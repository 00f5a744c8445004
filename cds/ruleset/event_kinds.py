"""Kinds of fact about what was done, and about the patient."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, WITHIN, WITHIN_HOURS, Attribute, Kind, Parameter, days, yes_no

_AMONG = ("yes", "other", "unstated")
_DONE_HOURS = Attribute("number", "hours since it was last done; bounds if the time of day is unknown", "h")

EVENT_KINDS = (
    Kind(
        "procedure",
        "a procedure that was done. Without a date it is present, but with `within` unusable",
        reads=("Procedure",),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": WITHIN,
            "reassuring": Parameter(
                "flag",
                "set it if the procedure speaks against a danger: a partial date then counts from its earliest day",
                default=False,
            ),
        },
        attributes={
            "done_days": days(
                "days since it was last done; a partial date counts from its latest day, with `reassuring` "
                "from its earliest"
            )
        },
        event="done",
    ),
    Kind(
        "report",
        "a final report of an examination. It shows that the examination was done; of its result only coded "
        "conclusions are read",
        reads=("DiagnosticReport",),
        also=("Condition", "Observation", "QuestionnaireResponse"),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": WITHIN,
            "within_hours": WITHIN_HOURS,
            "features": Parameter(
                "codes", "findings for which the report is too old if they began or got worse after it"
            ),
            "shows": Parameter("codes", "findings that a coded conclusion may name"),
        },
        attributes={
            "done_days": days("days since the newest report; a partial date counts from its earliest day"),
            "done_hours": _DONE_HOURS,
            "done_on": Attribute("text", "the day of the newest report, as a date"),
            "features_after": yes_no("a finding of `features` began or got worse on its day or later, or may have"),
            "shows": Attribute(
                "text",
                "its coded conclusion names a finding of `shows`; `not said` does not mean that it was excluded",
                values=("yes", "not said"),
            ),
        },
        derivation=True,
        source="spine.md SRF-04",
        event="done",
    ),
    Kind(
        "encounter",
        "an encounter that has begun: that of the hook, or one on record",
        reads=("Encounter",),
        also=("Condition",),
        parameters={
            "reason": Parameter("codes", "counts only encounters with one of these reasons or diagnoses"),
            "within": Parameter("days", "maximum time since it began"),
            "gap": Parameter("days", "encounters that begin at most this many days apart form a run", default=180.0),
        },
        attributes={
            "started_days": days("days since the newest encounter began"),
            "began_days": days("days since the first encounter of the current run began"),
        },
        event="started",
    ),
    Kind(
        "task",
        "a task that was completed",
        reads=("Task",),
        parameters={"in": IN, "except": EXCEPT, "within": WITHIN},
        attributes={
            "done_days": days("days since a task was last completed; a partial date counts from its latest day")
        },
        event="done",
    ),
    Kind(
        "open-task",
        "a task on record that is not completed",
        reads=("Task",),
        parameters={"in": IN, "except": EXCEPT},
        attributes={
            "due_in_days": days("days until the earliest due date; negative if it is past, unknown if there is none")
        },
    ),
    Kind(
        "request",
        "an order on record for an examination, referral or therapy, active or completed. Orders under review "
        "do not count",
        reads=("ServiceRequest",),
        parameters={"in": IN, "except": EXCEPT, "within": WITHIN},
        attributes={
            "ordered_days": days(
                "days since the date for which the newest order was planned; without one, since it was written"
            ),
            "first_ordered_days": days("days since the date of the oldest order; found in the same way"),
        },
        event="ordered",
    ),
    Kind(
        "draft-request",
        "a draft order for an examination, referral or therapy. An order without a code is not found",
        parameters={
            "in": IN,
            "except": EXCEPT,
            "at": Parameter("codes", "body sites: `site` says whether the stated one is among them"),
            "for": Parameter("codes", "reasons: `reason` says whether the stated one is among them"),
        },
        attributes={
            "priority": Attribute(
                "text", "priority; `routine` if none is stated", values=("routine", "urgent", "asap", "stat")
            ),
            "title": Attribute("text", "what is ordered, as written"),
            "site": Attribute(
                "text",
                "stated body site is in `at`; `other`: another one is stated, `unstated`: none is",
                values=_AMONG,
            ),
            "reason": Attribute(
                "text", "stated reason is in `for`; `other`: another one is stated, `unstated`: none is", values=_AMONG
            ),
            "only_reason": yes_no("all stated reasons are in `for`, and there is at least one"),
        },
        items=True,
    ),
    Kind(
        "gender",
        "administrative gender",
        reads=("Patient",),
        attributes={
            "value": Attribute("text", "Patient.gender", values=("male", "female", "other", "unknown")),
        },
    ),
    Kind("deceased", "the patient is recorded as dead", reads=("Patient",)),
    Kind(
        "setting",
        "a value that a site has set, so that rules can ask about it: its `value` is a parameter of the ruleset",
        parameters={
            "value": Parameter("text", "the value", required=True),
            "choices": Parameter("names", "the values that are allowed", required=True),
        },
        attributes={"value": Attribute("text", "the value, one of `choices`")},
    ),
    Kind(
        "age",
        "age in completed years. Bounds if the birth date is partial",
        reads=("Patient",),
        attributes={"value": Attribute("number", "age", "a")},
        derivation=True,
        source="spine.md 0.3",
    ),
)
