"""Which function answers which kind of fact."""

from __future__ import annotations

from collections.abc import Mapping

from cds.facts.allergies import allergy
from cds.facts.blood_pressure import blood_pressure
from cds.facts.calcium import corrected_calcium
from cds.facts.care import care_start
from cds.facts.episodes import episode
from cds.facts.events import draft_request, encounter, family_history, open_task, procedure, request
from cds.facts.findings import finding
from cds.facts.happenings import happening
from cds.facts.headache.answers import attack_criteria, headache_attacks
from cds.facts.headache.auras import aura_symptoms
from cds.facts.headache.choices import stated_choice
from cds.facts.headache.ongoing import ongoing_attack
from cds.facts.headache.questions import attack_questions
from cds.facts.headache.trials import preventive_trials
from cds.facts.kidneys import kidney_function
from cds.facts.leg_raise import leg_raise
from cds.facts.links import linked_condition
from cds.facts.markers import raised_marker
from cds.facts.measures import observation
from cds.facts.medicines.acute import acute_medicines, use_days
from cds.facts.medicines.diary_days import diary_days
from cds.facts.medicines.drafts import draft_medication
from cds.facts.medicines.medication import medication
from cds.facts.medicines.morphine import morphine_equivalents
from cds.facts.medicines.unmapped import unmapped_medicines
from cds.facts.patients import age, deceased, gender, setting
from cds.facts.power import muscle_power, power_decline
from cds.facts.pregnancy import pregnancy
from cds.facts.question import Answerer
from cds.facts.ranges import ranged_value, rise
from cds.facts.reports import report
from cds.facts.screens import screen_item
from cds.facts.sides import bilateral
from cds.facts.signs import reduced_sign
from cds.facts.stated_days import stated_days

ANSWERERS: Mapping[str, Answerer] = {
    "acute-medicines": acute_medicines,
    "age": age,
    "allergy": allergy,
    "attack-criteria": attack_criteria,
    "attack-questions": attack_questions,
    "aura-symptoms": aura_symptoms,
    "bilateral": bilateral,
    "care-start": care_start,
    "blood-pressure": blood_pressure,
    "condition": finding,
    "corrected-calcium": corrected_calcium,
    "deceased": deceased,
    "diary-days": diary_days,
    "draft-medication": draft_medication,
    "draft-request": draft_request,
    "encounter": encounter,
    "episode": episode,
    "family-history": family_history,
    "finding": finding,
    "gender": gender,
    "headache-attacks": headache_attacks,
    "kidney-function": kidney_function,
    "leg-raise": leg_raise,
    "linked-condition": linked_condition,
    "medication": medication,
    "morphine-equivalents": morphine_equivalents,
    "muscle-power": muscle_power,
    "observation": observation,
    "happening": happening,
    "open-task": open_task,
    "ongoing-attack": ongoing_attack,
    "power-decline": power_decline,
    "pregnancy": pregnancy,
    "preventive-trials": preventive_trials,
    "procedure": procedure,
    "raised-marker": raised_marker,
    "ranged-value": ranged_value,
    "reduced-sign": reduced_sign,
    "report": report,
    "request": request,
    "rise": rise,
    "screen-item": screen_item,
    "stated-days": stated_days,
    "stated-choice": stated_choice,
    "setting": setting,
    "task": procedure,
    "unmapped-medicines": unmapped_medicines,
    "use-days": use_days,
}
"""By the name of the kind."""

OF_EVERYBODY = frozenset({"age", "deceased", "gender", "setting"})
"""Kinds that are asked of every patient."""

OF_ENCOUNTERS = frozenset({"encounter"})
"""Kinds that look at the encounters: at those of a reason if they name one, otherwise at all."""

OF_UNMAPPED = frozenset({"acute-medicines", "unmapped-medicines"})
"""Kinds that tell of medicines which no code explains."""

OF_DRAFTS = frozenset({"draft-medication", "draft-request"})
"""Kinds that are about the orders under review: they are asked when there are any."""

OF_ANY_CODE = frozenset({"acute-medicines", "diary-days"})
"""Kinds that have something to say of each of their codes, also of those that they do not require."""
