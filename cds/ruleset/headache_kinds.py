"""Kinds of fact about headache attacks: what they are like, and how many meet the criteria of ICHD-3."""

from __future__ import annotations

from cds.ruleset.kind import YES_NO, Attribute, Kind, Parameter, days, yes_no

CRITERIA = ("migraine", "aura", "migraine or aura", "tension", "chronic-tension")

_READS = ("Observation",)
_ALSO = ("QuestionnaireResponse", "Condition", "Patient")
_OF = Parameter("fact", "the fact of kind `headache-attacks`, which says where attacks are recorded", required=True)

ITEMS = {
    "typical": "component: the entry describes the usual attack, not one on a date",
    "duration": "how long it lasted, in minutes if a questionnaire answer has no unit; if the time of its start is "
    "recorded, this goes before a recorded end",
    "treated": "an acute medicine was taken during the attack",
    "relieved": "the patient took it for migraine, and a triptan or ergot relieved it",
    "laterality": "side of the pain: `unilateral` or `bilateral`",
    "quality": "`pulsating`, `pressing`, `stabbing` or `other`",
    "severity": "`mild`, `moderate`, `severe`, or a score (to 3 mild, to 6 moderate, to 10 severe; 0 no answer)",
    "activity": "routine activity makes it worse or is avoided",
    "nausea": "`none`, `mild`, `moderate` or `severe`, or yes or no",
    "vomiting": "vomiting",
    "photophobia": "sensitivity to light",
    "phonophobia": "sensitivity to sound",
    "lifetime": "number of attacks in life",
    "lifetime_aura": "number of attacks with aura in life",
    "aura_visual": "visual aura",
    "aura_sensory": "sensory aura",
    "aura_speech": "aura of speech or language",
    "aura_motor": "weakness in the aura",
    "aura_brainstem": "brainstem symptoms of the aura; a symptom that is not in the list was not there",
    "aura_retinal": "visual symptoms of one eye, checked by covering each eye",
    "aura_reversible": "the aura cleared completely",
    "aura_gradual": "a symptom spread over 5 minutes or longer",
    "aura_succession": "two or more symptoms follow one another",
    "aura_minutes": "length of the longest symptom, in minutes if the answer of a questionnaire has no unit",
    "aura_unilateral": "a symptom on one side",
    "aura_positive": "a positive symptom: lights, pins and needles",
    "aura_headache": "headache during the aura or within 60 minutes after it",
}
FINDINGS = {
    "score": "component: pain score, read if `severity` has no answer",
    "unilateral": "findings that mean one-sided headache",
    "bilateral": "findings that mean headache on both sides",
    "throbbing": "findings that mean throbbing headache",
    "sick": "findings that mean nausea or vomiting, of unknown degree",
    "visual_symptom": "findings that mean a visual aura with positive symptoms",
}


def _codes(about: str, *, required: bool) -> Parameter:
    return Parameter("codes", about, required=required)


_HEADACHE_ATTACKS = Kind(
    "headache-attacks",
    "the codes with which headache attacks are recorded, one by one or as a description of the usual attack. "
    "The other kinds about attacks refer to it. An item that is recorded outside an attack describes the "
    "usual attack. If the patient sleeps until an attack is over, its end is to be recorded as the time of "
    "waking",
    reads=_READS,
    also=_ALSO,
    parameters={
        "attacks": _codes("an attack, with its items as components", required=True),
        **{name: _codes(about, required=True) for name, about in ITEMS.items()},
        **{name: _codes(about, required=False) for name, about in FINDINGS.items()},
        "gap": Parameter(
            "hours", "attacks with less headache-free time than this between them count as one", default=48.0
        ),
    },
    attributes={
        "documented": Attribute(
            "number", "number of attacks on record; those within `gap` count once. Bounds if one has no day", "1"
        ),
        "usual": yes_no("the usual attack is described"),
        "lifetime": Attribute("number", "number of attacks in life, as the patient states", "1"),
        "lifetime_aura": Attribute("number", "number of attacks with aura in life, as the patient states", "1"),
        "usual_minutes": Attribute(
            "number",
            "length of the usual attack; if that is not recorded, the shortest to the longest attack on record",
            "min",
        ),
    },
    derivation=True,
    source="headache.md HD-CLS-001",
)

_ATTACK_CRITERIA = Kind(
    "attack-criteria",
    "how many attacks meet a set of ICHD-3 criteria. Each criterion is met, not met or unknown. `migraine` "
    "(1.1 B to D): lasts 4 to 72 hours (under 18 years 2 to 72); two of: one-sided, pulsating, moderate or "
    "severe, worse with activity; nausea, vomiting, or sensitivity to both light and sound. `aura` (1.2 B and "
    "C), asked of attacks with something recorded about an aura: a symptom, and all symptoms clear "
    "completely; three of six characteristics. `tension` (2.1 and 2.2 B to D): lasts 30 minutes to 7 days; "
    "two of: on both sides, pressing, mild or moderate, not worse with activity; no nausea, no vomiting, not "
    "sensitive to both light and sound. `chronic-tension` (2.3 B to D): lasts an hour or longer; two of the "
    "same four; at most one of light, sound and mild nausea; no worse nausea, no vomiting. An attack that "
    "ended too early leaves the length unknown, unless it was untreated",
    reads=_READS,
    also=_ALSO,
    parameters={
        "of": _OF,
        "criteria": Parameter("text", "the set of criteria", required=True, choices=CRITERIA),
    },
    attributes={
        "met": Attribute("number", "number of attacks on record that meet all criteria", "1"),
        "one_short": Attribute(
            "number",
            "number of attacks that meet all criteria or all but one; for `aura`, that have a symptom that "
            "clears completely",
            "1",
        ),
        "failed": Attribute("number", "number of attacks that do not meet all criteria", "1"),
        "typical": Attribute(
            "text",
            "the usual attack meets all criteria; `unrecorded` if no usual attack is described. Unknown if "
            "that cannot be decided",
            values=(*YES_NO, "unrecorded"),
        ),
        "typical_one_short": Attribute(
            "text",
            "the usual attack meets all criteria or all but one; otherwise like `typical`",
            values=(*YES_NO, "unrecorded"),
        ),
        "lacking": Attribute(
            "text",
            "criteria that the usual attack, or else the newest, does not meet, in words; if it meets all, "
            "the number of attacks",
        ),
        "features": Attribute("text", "features of that attack, in words"),
    },
    derivation=True,
    source="ICHD-3 1.1, 1.2, 2.1, 2.2, 2.3; headache.md HD-CLS-001, 010, 020, 040, 042",
)

_AURA_SYMPTOMS = Kind(
    "aura-symptoms",
    "an aura, in an attack on record or in the usual attack. Denied if no symptom is recorded and, wherever "
    "something is recorded about an aura, at least one symptom is denied",
    reads=_READS,
    denies=True,
    also=_ALSO,
    parameters={"of": _OF},
    attributes={
        "attacks": Attribute("number", "number of attacks on record with an aura", "1"),
        "visual": yes_no("visual symptoms"),
        "cortical": yes_no("visual, sensory or speech symptoms"),
        "motor": yes_no("weakness"),
        "retinal": yes_no("visual symptoms of one eye, checked by covering each eye"),
        "brainstem": Attribute("number", "largest number of brainstem symptoms in one attack", "1"),
        "reversible": yes_no("every aura cleared completely"),
        "gradual": yes_no("a symptom spread over 5 minutes or longer"),
        "minutes": Attribute("number", "length of the longest symptom", "min"),
        "latest_days": days("days since the newest attack with an aura"),
    },
    derivation=True,
    source="ICHD-3 1.2; headache.md HD-CLS-020, HD-CLS-022",
    event="latest",
)

_ONGOING_ATTACK = Kind(
    "ongoing-attack",
    "a headache attack that has begun and not ended. Only the newest attack on record is looked at",
    reads=_READS,
    also=_ALSO,
    parameters={
        "of": _OF,
        "remission": Parameter("hours", "headache-free time that does not yet end an attack", default=12.0),
        "current": Parameter(
            "days", "an attack without an end that began longer ago than this is no longer counted", default=14.0
        ),
    },
    attributes={
        "hours": Attribute("number", "hours since it began; unknown if its start is not recorded", "h"),
        "began_days": days("days since it began"),
        "severity": Attribute("text", "severity of the pain", values=("mild", "moderate", "severe")),
    },
    derivation=True,
    source="ICHD-3 1.4.1; headache.md HD-CLS-050",
    event="began",
)

_ATTACK_QUESTIONS = Kind(
    "attack-questions",
    "what to ask the patient: items that are not recorded and would decide an open criterion. They are looked "
    "for in the usual attack or, if none is described, in all attacks on record together. The items that "
    "decide most come first",
    reads=_READS,
    also=_ALSO,
    parameters={"of": _OF, "most": Parameter("number", "maximum number of items to ask", default=5.0)},
    attributes={
        "open": Attribute("number", "number of items that are not recorded and would decide a criterion", "1"),
        "asked": Attribute("number", "number of items to ask", "1"),
        "first": Attribute("text", "the first three items to ask"),
        "items": Attribute("text", "all items to ask, each with the criteria that it decides"),
    },
    derivation=True,
    source="headache.md HD-CLS-070",
)

_STATED_CHOICE = Kind(
    "stated-choice",
    "the newest answer to a question with fixed answers, given as a word or as a local code of that name. Any "
    "other answer is unusable, and so are different answers on one day",
    reads=_READS,
    also=("QuestionnaireResponse",),
    parameters={
        "in": Parameter("codes", "value sets or codes", required=True),
        "answers": Parameter("names", "the possible answers", required=True),
        "within": Parameter("days", "maximum age of the answer"),
    },
    attributes={
        "value": Attribute("text", "the answer"),
        "stated_days": days("days since it was stated"),
    },
    derivation=True,
    source="headache.md 3.3",
    event="stated",
)

HEADACHE_KINDS = (
    _HEADACHE_ATTACKS,
    _ATTACK_CRITERIA,
    _AURA_SYMPTOMS,
    _ONGOING_ATTACK,
    _ATTACK_QUESTIONS,
    _STATED_CHOICE,
)
