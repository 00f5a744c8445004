"""Kinds of fact about problems, symptoms and signs."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, OF_SIDE, SIDE, WITHIN, WITHIN_HOURS, Attribute, Kind, Parameter, days, yes_no

_READS = ("Condition", "Observation")
_ALSO = ("QuestionnaireResponse",)

FINDING_ATTRIBUTES = {
    "onset_days": days(
        "days since its onset; a partial date counts from its latest day. For one concept on one side, the "
        "earliest onset counts (with `status: ever`, the newest), and a stated onset goes before an assumed "
        "one. Between concepts or sides the newest onset counts, so that an old symptom does not hide a new "
        "one. While one of them has no date, it is unknown (with `status: ever`, bounds)"
    ),
    "worsened_days": days(
        "days since it last got worse; that is a higher severity, a recurrence, a relapse or, for kind `finding`, "
        "a code of `worse`. Unknown if it never did"
    ),
    "changed_days": days(
        "days since its onset or since it last got worse, whichever is later; bounds if one of several "
        "concepts has no date"
    ),
    "stated_days": days("days since it was last stated to be present"),
    "abated_days": days("days since it ended; only with `status: ever`, and only if it is not present now"),
    "onset_age": Attribute(
        "number",
        "age in completed years at its earliest known onset; bounds if that is an assumed onset or a partial date",
        "a",
    ),
    "side": SIDE,
    "severity": Attribute("text", "highest severity that a Condition states", values=("mild", "moderate", "severe")),
    "certainty": Attribute(
        "text",
        "certainty of the diagnosis; `provisional` only if all its entries are",
        values=("confirmed", "provisional"),
    ),
    "preliminary": yes_no("only preliminary observations state it"),
    "onset_assumed": yes_no(
        "its onset is assumed; no onset is stated, so the date of recording or of the first positive statement is taken"
    ),
    "conflict": yes_no("yes and no were stated within 24 hours of each other"),
}

UNSITED = {
    "unsited": Parameter(
        "codes", "codes of `in` that do not say where on the body: they count only as `at` and `near` allow"
    ),
    "at": Parameter("codes", "body sites: a code of `unsited` counts if its stated body site is one of these"),
    "near": Parameter(
        "codes", "findings: a code of `unsited` without a body site counts while one of these is present"
    ),
}

GAP = Parameter("days", "this many days without a finding or an encounter end an episode", default=180.0)
CURRENT = Parameter("days", "how long a positive observation or answer counts as present", default=42.0)

_CONDITION_PARAMETERS = {
    "in": IN,
    "except": EXCEPT,
    "status": Parameter(
        "text",
        "`active`: present now; `ever`: present now or at any time before",
        default="active",
        choices=("active", "ever"),
    ),
    "within": WITHIN,
}

_FINDING_PARAMETERS = {
    **_CONDITION_PARAMETERS,
    "within_hours": WITHIN_HOURS,
    "current": CURRENT,
    "side": OF_SIDE,
    "worse": Parameter("codes", "codes that state that it is getting worse"),
    "bouts": Parameter(
        "days",
        "for what comes in bouts: a problem that is over still counts for this long after its onset, and of "
        "several stated onsets the newest counts",
    ),
    "reassuring": Parameter(
        "flag",
        "set it if the finding speaks against a danger: it then counts only if it was stated within "
        "`current`, and a partial date counts from its earliest day",
        default=False,
    ),
    **UNSITED,
}

FINDING_KINDS = (
    Kind(
        "condition",
        "a problem or diagnosis. Without a clinical status, an entry that has not ended is present if it is "
        "on the problem list, or for 90 days if it is an encounter diagnosis. Denied if it is refuted",
        reads=("Condition",),
        denies=True,
        parameters=_CONDITION_PARAMETERS,
        attributes={name: about for name, about in FINDING_ATTRIBUTES.items() if name != "preliminary"},
        event="onset",
    ),
    Kind(
        "linked-condition",
        "a problem that is present now and that the record links to a code of `to`, as its cause or as its evidence",
        reads=("Condition",),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "to": Parameter("codes", "the causes or evidence that the problem must be linked to", required=True),
        },
        attributes={"stated_days": days("days since one of them was last stated to be present")},
        source="headache.md HD-SCI-011",
    ),
    Kind(
        "finding",
        "a symptom or sign, from a Condition, an Observation or a questionnaire answer. For one concept and "
        "side, the newest statement counts; within 24 hours, a yes goes before a no. Denied if that is a no",
        reads=_READS,
        denies=True,
        also=_ALSO,
        parameters=_FINDING_PARAMETERS,
        attributes=FINDING_ATTRIBUTES,
        event="onset",
    ),
    Kind(
        "stated-days",
        "on how many days something was stated. An observation or answer counts on its day, a problem on the "
        "day of its onset; a later denial takes no day away",
        reads=_READS,
        also=_ALSO,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": Parameter("days", "length of the window, which ends today", default=28.0),
        },
        attributes={
            "value": Attribute("number", "number of different days", "1"),
            "stated_days": days("days since the last of these days"),
        },
        derivation=True,
        source="spine.md SPM-07",
        event="stated",
    ),
    Kind(
        "bilateral",
        "present on the left and on the right now, however far apart the two onsets are. An entry without a "
        "side does not count",
        reads=_READS,
        also=(*_ALSO, "Encounter"),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "current": CURRENT,
            "stale": Parameter(
                "days",
                "a Condition counts only if it was stated, or was the reason for an encounter, less than this long ago",
                default=180.0,
            ),
            "explained_by": Parameter("codes", "what explains it if it was there before the episode"),
            "episode": Parameter(
                "codes",
                "findings of the episode that `explained_by` has to precede; without an episode, the earlier of "
                "the two onsets is taken",
            ),
            "gap": GAP,
            **UNSITED,
        },
        attributes={
            "onset_days": days("days since the newer of the two onsets; bounds if only one is known"),
            "first_onset_days": days("days since the older of the two onsets"),
            "stated_days": days("days since one of the two sides was last stated"),
            "side": Attribute("text", "side with the newer onset", values=("left", "right", "both")),
            "explained": yes_no("a finding of `explained_by` was there before the episode"),
        },
        derivation=True,
        source="spine.md NRM-04, SRF-02",
        event="onset",
    ),
    Kind(
        "episode",
        "the current episode of a complaint. It begins with the earliest onset after the last `gap` without a "
        "finding or an encounter. Absent if no finding of `in` is present now",
        reads=_READS,
        also=(*_ALSO, "Encounter"),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "current": CURRENT,
            "gap": GAP,
        },
        attributes={
            "onset_days": days("days that the episode has lasted; a partial date counts from its latest day"),
            "longest_days": days("days that it may have lasted; a partial date counts from its earliest day"),
            "weeks": Attribute("number", "completed weeks that the episode has lasted", "wk"),
            "onset_age": Attribute("number", "age in completed years at its start", "a"),
            "uncertain": yes_no("its start is uncertain; it rests on a partial date or on the date of recording"),
        },
        derivation=True,
        source="spine.md NRM-08",
        event="onset",
    ),
    Kind(
        "screen-item",
        "a question of a screen that was answered in this episode, with yes, no, a number or a date. "
        "`unrecorded: <fact>` asks whether it is still open",
        reads=_READS,
        also=_ALSO,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": Parameter("days", "maximum age of the answer", default=14.0),
            "episode": Parameter("codes", "findings of the episode; an answer from before its start does not count"),
            "gap": GAP,
            "current": CURRENT,
        },
        attributes={
            "answer": Attribute("text", "the newest answer", values=("yes", "no", "number", "date")),
            "stated_days": days("days since the newest answer"),
        },
        derivation=True,
        source="spine.md SRF-13",
        event="stated",
    ),
    Kind(
        "family-history",
        "a condition of a relative",
        reads=("FamilyMemberHistory",),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "degree": Parameter(
                "text",
                "`first`: parents, siblings and children only, and a relative of unstated degree makes the fact "
                "unusable; `any`: every relative",
                default="any",
                choices=("first", "any"),
            ),
        },
        attributes={"relatives": Attribute("number", "number of relatives who have or had it", "1")},
    ),
)
