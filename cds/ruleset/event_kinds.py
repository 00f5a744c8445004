"""Kinds of fact about what was done, and about the patient."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, WITHIN, WITHIN_HOURS, Attribute, Kind, Parameter, days, yes_no

_AMONG = ("yes", "other", "unstated")
_DONE_HOURS = Attribute("number", "hours since it was last done; bounds without a time of day", "h")

EVENT_KINDS = (
    Kind(
        "procedure",
        "something that was done",
        reads=("Procedure",),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": WITHIN,
            "reassuring": Parameter(
                "flag", "it speaks against a danger, so that a partial date counts from its earliest day", default=False
            ),
        },
        attributes={
            "done_days": days(
                "days since it was last done; a partial date counts from its latest day, unless it is `reassuring`"
            )
        },
        event="done",
    ),
    Kind(
        "report",
        "a final report of an examination; it says that it was done, and of what it showed only what is coded",
        reads=("DiagnosticReport",),
        also=("Condition", "Observation", "QuestionnaireResponse"),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": WITHIN,
            "within_hours": WITHIN_HOURS,
            "features": Parameter(
                "codes", "findings that the report is too old for when they began or worsened after it"
            ),
            "shows": Parameter("codes", "findings that its coded conclusion may name"),
        },
        attributes={
            "done_days": days("days since the newest report; a partial date counts from its earliest day"),
            "done_hours": _DONE_HOURS,
            "done_on": Attribute("text", "the day of the newest report, as a date"),
            "features_after": yes_no("a finding of `features` began or worsened after it, or its date is unknown"),
            "shows": Attribute("text", "its coded conclusion names a finding of `shows`", values=("yes", "not said")),
        },
        derivation=True,
        source="spine.md SRF-04",
        event="done",
    ),
    Kind(
        "encounter",
        "the encounter the hook was called in, or one that the record holds",
        reads=("Encounter",),
        also=("Condition",),
        parameters={
            "reason": Parameter("codes", "only encounters with such a reason or diagnosis"),
            "within": Parameter("days", "begun no longer ago than this"),
            "gap": Parameter("days", "more days than this between two encounters end a run of them", default=180.0),
        },
        attributes={
            "started_days": days("days since the newest encounter began"),
            "began_days": days("days since the first encounter of the run that the newest belongs to"),
        },
        event="started",
    ),
    Kind(
        "task",
        "a task that was completed",
        reads=("Task",),
        parameters={"in": IN, "except": EXCEPT, "within": WITHIN},
        attributes={"done_days": days("days since one was last completed; a partial date counts from its latest day")},
        event="done",
    ),
    Kind(
        "open-task",
        "a task that is on file and not completed",
        reads=("Task",),
        parameters={"in": IN, "except": EXCEPT},
        attributes={
            "due_in_days": days("days until the first is due, below 0 when that is over; unknown without a date")
        },
    ),
    Kind(
        "request",
        "an order on record for an examination, referral or therapy, active or completed; not one under review",
        reads=("ServiceRequest",),
        parameters={"in": IN, "except": EXCEPT, "within": WITHIN},
        attributes={
            "ordered_days": days("days since the newest was to take place or, without such a date, was written"),
            "first_ordered_days": days("the same of the oldest"),
        },
        event="ordered",
    ),
    Kind(
        "draft-request",
        "a draft order for an examination, referral or therapy; one that is written in words only is none",
        parameters={
            "in": IN,
            "except": EXCEPT,
            "at": Parameter("codes", "body sites that `site` tells apart"),
            "for": Parameter("codes", "reasons that `reason` tells apart"),
        },
        attributes={
            "priority": Attribute(
                "text", "its priority; routine when none is stated", values=("routine", "urgent", "asap", "stat")
            ),
            "title": Attribute("text", "what is ordered, as written"),
            "site": Attribute("text", "the stated body site is in `at`, is another, or none is stated", values=_AMONG),
            "reason": Attribute("text", "the stated reason is in `for`, is another, or none is stated", values=_AMONG),
            "only_reason": yes_no("a reason is stated, and none that is not in `for`"),
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
        "what a site has set, for rules to ask about: give it a parameter as `value`",
        parameters={
            "value": Parameter("text", "what is set", required=True),
            "choices": Parameter("names", "what it may be", required=True),
        },
        attributes={"value": Attribute("text", "what is set, one of `choices`")},
    ),
    Kind(
        "age",
        "completed years; a partial birth date gives bounds",
        reads=("Patient",),
        attributes={"value": Attribute("number", "age", "a")},
        derivation=True,
        source="spine.md 0.3",
    ),
)
