"""Kinds of fact about problems, symptoms and signs."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, OF_SIDE, SIDE, WITHIN, WITHIN_HOURS, Attribute, Kind, Parameter, days, yes_no

_READS = ("Condition", "Observation")
_ALSO = ("QuestionnaireResponse",)

FINDING_ATTRIBUTES = {
    "onset_days": days(
        "days since its onset; a partial date counts from its latest day. Of several different concepts the newest "
        "onset counts, so that a new symptom is not hidden behind an old one. Unknown as long as one of them is undated"
    ),
    "worsened_days": days("days since it was last recorded to be worse; unknown when it never was"),
    "changed_days": days(
        "days since its onset or its last recorded worsening, whichever is later; bounds when one of several concepts "
        "is undated"
    ),
    "stated_days": days("days since it was last stated to be present"),
    "abated_days": days("days since it ended; only of findings with status ever"),
    "onset_age": Attribute("number", "completed years of age at its earliest known onset", "a"),
    "side": SIDE,
    "severity": Attribute("text", "stated severity", values=("mild", "moderate", "severe")),
    "certainty": Attribute("text", "how sure the record is", values=("confirmed", "provisional")),
    "preliminary": yes_no("rests on a preliminary observation only"),
    "onset_assumed": yes_no("onset taken from the date of recording, or of the first positive statement"),
    "conflict": yes_no("yes and no were both stated within 24 hours"),
}

UNSITED = {
    "unsited": Parameter(
        "codes", "codes of `in` that say nothing of the place: they count under the conditions of `at`"
    ),
    "at": Parameter("codes", "body sites at which an unsited code counts"),
    "near": Parameter("codes", "findings that, active now, let an unsited code count when no body site is stated"),
}

CURRENT = Parameter("days", "how long a positive observation or answer means present now", default=42.0)

_CONDITION_PARAMETERS = {
    "in": IN,
    "except": EXCEPT,
    "status": Parameter("text", "present now, or at any time", default="active", choices=("active", "ever")),
    "within": WITHIN,
}

_FINDING_PARAMETERS = {
    **_CONDITION_PARAMETERS,
    "within_hours": WITHIN_HOURS,
    "current": CURRENT,
    "side": OF_SIDE,
    "worse": Parameter("codes", "findings that state that it is getting worse"),
    "bouts": Parameter(
        "days",
        "it comes in bouts: a problem that is over counts for so long after it began, and one that began again, by a "
        "stated onset, is as new as its last beginning",
    ),
    "reassuring": Parameter(
        "flag", "it speaks against a danger, so that a partial date counts from its earliest day", default=False
    ),
    **UNSITED,
}

FINDING_KINDS = (
    Kind(
        "condition",
        "a problem or diagnosis on the problem list or of an encounter",
        reads=("Condition",),
        denies=True,
        parameters=_CONDITION_PARAMETERS,
        attributes={name: about for name, about in FINDING_ATTRIBUTES.items() if name != "preliminary"},
        event="onset",
    ),
    Kind(
        "linked-condition",
        "a problem present now that the record says is due to something else, or rests on it as its evidence",
        reads=("Condition",),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "to": Parameter("codes", "what it is said to be due to, or to rest on", required=True),
        },
        attributes={"stated_days": days("days since the newest was last stated to be present")},
        source="headache.md HD-SCI-011",
    ),
    Kind(
        "finding",
        "a symptom or sign, from Condition, Observation or an answer of a questionnaire",
        reads=_READS,
        denies=True,
        also=_ALSO,
        parameters=_FINDING_PARAMETERS,
        attributes=FINDING_ATTRIBUTES,
        event="onset",
    ),
    Kind(
        "stated-days",
        "on how many days of a window something is stated to be so: each observation or answer on its day, each "
        "problem on the day of its onset",
        reads=_READS,
        also=_ALSO,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": Parameter("days", "the window", default=28.0),
        },
        attributes={
            "value": Attribute("number", "different days", "1"),
            "stated_days": days("days since the last of them"),
        },
        derivation=True,
        source="spine.md SPM-07",
        event="stated",
    ),
    Kind(
        "bilateral",
        "present on both sides now, whatever the gap between the two onsets",
        reads=_READS,
        also=(*_ALSO, "Encounter"),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "current": CURRENT,
            "stale": Parameter("days", "a condition that nobody stated for so long does not count", default=180.0),
            "explained_by": Parameter("codes", "what explains it when it was recorded before the episode"),
            "episode": Parameter("codes", "findings whose episode `explained_by` has to precede"),
            **UNSITED,
        },
        attributes={
            "onset_days": days("days since the onset on the side where it is newer"),
            "first_onset_days": days("days since the onset on the side where it is older"),
            "stated_days": days("days since the later statement that completes the two sides"),
            "side": Attribute("text", "the side with the newer onset", values=("left", "right", "both")),
            "explained": yes_no("something of `explained_by` was recorded before the episode"),
        },
        derivation=True,
        source="spine.md NRM-04, SRF-02",
        event="onset",
    ),
    Kind(
        "episode",
        "the current episode: from the earliest onset since the last gap without any finding or encounter",
        reads=_READS,
        also=(*_ALSO, "Encounter"),
        parameters={
            "in": IN,
            "except": EXCEPT,
            "current": CURRENT,
            "gap": Parameter("days", "so many days without a finding or encounter end an episode", default=180.0),
        },
        attributes={
            "onset_days": days("days the episode has lasted; a partial date counts from its latest day"),
            "longest_days": days("days it may have lasted; a partial date counts from its earliest day"),
            "weeks": Attribute("number", "completed weeks the episode has lasted", "wk"),
            "onset_age": Attribute("number", "completed years of age at its start", "a"),
            "uncertain": yes_no("the start rests on a partial date or on the date of recording"),
        },
        derivation=True,
        source="spine.md NRM-08",
        event="onset",
    ),
    Kind(
        "screen-item",
        "a question that was answered in this episode: yes, no, a number or a date; ask `unrecorded: <fact>`",
        reads=_READS,
        also=_ALSO,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "within": Parameter("days", "answered no longer ago than this", default=14.0),
            "episode": Parameter("codes", "findings of the episode: an answer from before its start does not count"),
            "gap": Parameter("days", "so many days without a finding or encounter end an episode", default=180.0),
            "current": CURRENT,
        },
        attributes={
            "answer": Attribute("text", "the newest answer", values=("yes", "no", "number", "date")),
            "stated_days": days("days since it was last answered"),
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
            "degree": Parameter("text", "how close the relative is", default="any", choices=("first", "any")),
        },
        attributes={"relatives": Attribute("number", "relatives it is recorded of", "1")},
    ),
)
