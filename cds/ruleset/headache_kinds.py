"""Kinds of fact about headache attacks: what they are like, and how many meet the criteria of ICHD-3."""

from __future__ import annotations

from cds.ruleset.kind import YES_NO, Attribute, Kind, Parameter, days, yes_no

CRITERIA = ("migraine", "aura", "migraine or aura", "tension", "chronic-tension")

_READS = ("Observation",)
_ALSO = ("QuestionnaireResponse", "Condition", "Patient")
_OF = Parameter("fact", "the fact of kind headache-attacks that says where attacks are written down", required=True)

ITEMS = {
    "typical": "component: the entry describes the usual attack and happened on no date",
    "duration": "how long it lasted, where start and end are not given; in minutes where no unit is",
    "treated": "an acute drug was taken in it",
    "relieved": "taken for migraine, a triptan or ergot relieved it",
    "laterality": "side of the pain, as a word: unilateral, bilateral",
    "quality": "pulsating, pressing, stabbing or other",
    "severity": "mild, moderate, severe, or a score of 0 to 10",
    "activity": "worse with, or leads to avoiding, routine activity",
    "nausea": "none, mild, moderate, severe",
    "vomiting": "vomiting",
    "photophobia": "sensitivity to light",
    "phonophobia": "sensitivity to sound",
    "lifetime": "how many attacks in life",
    "lifetime_aura": "how many attacks with aura in life",
    "aura_visual": "visual aura",
    "aura_sensory": "sensory aura",
    "aura_speech": "aura of speech or language",
    "aura_motor": "weakness in the aura",
    "aura_brainstem": "brainstem symptoms in the aura: a list",
    "aura_retinal": "visual symptoms of one eye",
    "aura_reversible": "the aura cleared completely",
    "aura_gradual": "a symptom spread over 5 minutes or longer",
    "aura_succession": "two or more symptoms one after another",
    "aura_minutes": "the longest single symptom; in minutes where no unit is",
    "aura_unilateral": "a symptom on one side",
    "aura_positive": "a positive symptom: lights, pins and needles",
    "aura_headache": "headache with or within 60 minutes after the aura",
}
FINDINGS = {
    "score": "component: pain from 0 to 10",
    "unilateral": "findings of one-sided headache",
    "bilateral": "findings of headache on both sides",
    "throbbing": "findings of throbbing headache",
    "sick": "findings of nausea or vomiting, of unknown degree",
    "visual_symptom": "findings of a visual aura with positive symptoms",
}


def _codes(about: str, *, required: bool) -> Parameter:
    return Parameter("codes", about, required=required)


_HEADACHE_ATTACKS = Kind(
    "headache-attacks",
    "where headache attacks are written down, one by one or as the usual attack; the other kinds about attacks refer "
    "to it. An attack that was slept off lasts until waking. What is recorded by itself describes the usual attack",
    reads=_READS,
    also=_ALSO,
    parameters={
        "attacks": _codes("an attack, with its parts as components", required=True),
        **{name: _codes(about, required=True) for name, about in ITEMS.items()},
        **{name: _codes(about, required=False) for name, about in FINDINGS.items()},
        "gap": Parameter("hours", "attacks with less time free of headache between them are one", default=48.0),
    },
    attributes={
        "documented": Attribute("number", "attacks on record, those close together counted once", "1"),
        "usual": yes_no("the usual attack is described"),
        "lifetime": Attribute("number", "attacks in life, by the patient's account", "1"),
        "lifetime_aura": Attribute("number", "attacks with aura in life, by the patient's account", "1"),
        "usual_minutes": Attribute(
            "number", "length of the usual attack or, where it is not told, of the attacks on record", "min"
        ),
    },
    derivation=True,
    source="headache.md HD-CLS-001",
)

_ATTACK_CRITERIA = Kind(
    "attack-criteria",
    "how many attacks meet criteria of ICHD-3, item by item in three values. Migraine (1.1 B to D): 4 to 72 hours, "
    "from 2 hours under 18 years; two of one-sided, pulsating, moderate or severe, worse with activity; nausea, "
    "vomiting or both light and sound. Aura (1.2 B and C), of attacks that tell of one: a symptom, all of it clearing "
    "completely; three of six characteristics. Tension (2.1 and 2.2 B to D): 30 minutes to 7 days; two of both sides, "
    "pressing, mild or moderate, not worse with activity; no nausea, no vomiting, not both light and sound. Chronic "
    "tension (2.3 B to D): an hour or more; at most one of light, sound and mild nausea, and neither worse nausea nor "
    "vomiting. A treated attack that ended too early is undecided",
    reads=_READS,
    also=_ALSO,
    parameters={
        "of": _OF,
        "criteria": Parameter("text", "which criteria", required=True, choices=CRITERIA),
    },
    attributes={
        "met": Attribute("number", "attacks on record that meet all", "1"),
        "one_short": Attribute(
            "number", "attacks that meet all, or all but one; of aura, that have a symptom that clears completely", "1"
        ),
        "failed": Attribute("number", "attacks that do not meet all", "1"),
        "typical": Attribute(
            "text",
            "the usual attack meets all; unrecorded when it is not described, missing when undecided",
            values=(*YES_NO, "unrecorded"),
        ),
        "typical_one_short": Attribute(
            "text", "the usual attack meets all, or all but one, in the same way", values=(*YES_NO, "unrecorded")
        ),
        "lacking": Attribute(
            "text", "what the usual attack or else the newest does not meet, in words; else the number"
        ),
        "features": Attribute("text", "what is known of that attack, in words"),
    },
    derivation=True,
    source="ICHD-3 1.1, 1.2, 2.1, 2.2, 2.3; headache.md HD-CLS-001, 010, 020, 040, 042",
)

_AURA_SYMPTOMS = Kind(
    "aura-symptoms",
    "an aura, in some attack or the usual one; denied when every symptom of it is",
    reads=_READS,
    denies=True,
    also=_ALSO,
    parameters={"of": _OF},
    attributes={
        "attacks": Attribute("number", "attacks on record with an aura", "1"),
        "visual": yes_no("visual symptoms"),
        "cortical": yes_no("visual, sensory or speech symptoms"),
        "motor": yes_no("weakness"),
        "retinal": yes_no("visual symptoms of one eye, checked"),
        "brainstem": Attribute("number", "different brainstem symptoms in one attack", "1"),
        "reversible": yes_no("all of it cleared completely"),
        "gradual": yes_no("a symptom spread over 5 minutes or longer"),
        "minutes": Attribute("number", "longest single symptom", "min"),
        "latest_days": days("days since the newest attack with an aura"),
    },
    derivation=True,
    source="ICHD-3 1.2; headache.md HD-CLS-020, HD-CLS-022",
    event="latest",
)

_ONGOING_ATTACK = Kind(
    "ongoing-attack",
    "an attack that has begun and not ended, by the newest one on record",
    reads=_READS,
    also=_ALSO,
    parameters={
        "of": _OF,
        "remission": Parameter("hours", "time free of headache that does not end an attack", default=12.0),
        "current": Parameter(
            "days", "an attack without an end that began earlier is no longer known to go on", default=14.0
        ),
    },
    attributes={
        "hours": Attribute("number", "hours since it began; unknown when its beginning is not recorded", "h"),
        "began_days": days("days since it began"),
        "severity": Attribute("text", "how severe", values=("mild", "moderate", "severe")),
    },
    derivation=True,
    source="ICHD-3 1.4.1; headache.md HD-CLS-050",
    event="began",
)

_ATTACK_QUESTIONS = Kind(
    "attack-questions",
    "what is not recorded of the usual attack, or of any attack on record, and would decide a criterion that is open; "
    "what decides most comes first",
    reads=_READS,
    also=_ALSO,
    parameters={"of": _OF, "most": Parameter("number", "how many are asked at most", default=5.0)},
    attributes={
        "open": Attribute("number", "items that are not recorded and would decide something", "1"),
        "asked": Attribute("number", "items that are asked", "1"),
        "first": Attribute("text", "the first three of them"),
        "items": Attribute("text", "all that are asked, each with the criteria it decides"),
    },
    derivation=True,
    source="headache.md HD-CLS-070",
)

_STATED_CHOICE = Kind(
    "stated-choice",
    "the newest answer to a question with fixed answers, as a word or as a local code of that name; what is none of "
    "the answers is unusable",
    reads=_READS,
    also=("QuestionnaireResponse",),
    parameters={
        "in": Parameter("codes", "value sets or codes", required=True),
        "answers": Parameter("names", "what may be answered", required=True),
        "within": Parameter("days", "stated, done or measured no longer ago than this"),
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
