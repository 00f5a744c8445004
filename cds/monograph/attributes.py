"""The thirteen source attributes of 45 CFR 170.315(b)(11)(iv)(A), the last nine found out from what the rules read.

What nobody has to declare cannot be declared wrongly: an attribute is used when the kind of a fact, or its codes, read
it. Of the Patient resource itself only birth date, administrative gender and death are ever read (``cds.record``).
Health status assessments are those of USCDI version 3: functional, disability, mental, pregnancy and smoking status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cds.clinical import Coding
from cds.monograph.document import Attribute
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import FactSpec, Knowledge, Ruleset
from cds.ruleset.systems import SYSTEMS

NOT_USED = "Not used"
_NAMES = {
    5: "Use of race",
    6: "Use of ethnicity",
    7: "Use of language",
    8: "Use of sexual orientation",
    9: "Use of gender identity",
    10: "Use of sex",
    11: "Use of date of birth",
    12: "Use of social determinants of health",
    13: "Use of health status assessments",
}
_SEX = {"gender", "kidney-function"}
_BORN = {"age", "kidney-function", "attack-criteria", "attack-questions"}
_WORDS: Mapping[int, re.Pattern[str]] = {
    5: re.compile(r"\b(race|racial)\b", re.IGNORECASE),
    6: re.compile(r"\bethnic", re.IGNORECASE),
    7: re.compile(r"\b(preferred|spoken) language|\binterpreter", re.IGNORECASE),
    8: re.compile(r"\bsexual orientation|\b(homo|hetero|bi)sexual", re.IGNORECASE),
    9: re.compile(r"\bgender identity|\btransgender", re.IGNORECASE),
    10: re.compile(r"\bsex assigned|\bbirth sex", re.IGNORECASE),
    12: re.compile(r"\bhomeless|\bhousing|\bfood insecur|\bpoverty|\bunemploy|\bsocioeconomic", re.IGNORECASE),
}
"""In the displays of codes, whatever their system."""

_ASSESSED: Mapping[str, re.Pattern[str]] = {
    "smoking status": re.compile(r"\bsmok|\btobacco", re.IGNORECASE),
    "pregnancy status": re.compile(r"\bpregnan|\bgestation", re.IGNORECASE),
    "mental status": re.compile(
        r"\bPHQ|\bPatient Health Questionnaire|\bGlasgow coma|\bmental state|\bdement|\bdelir"
        r"|\bcognit(?!ive.(and.)?behav)",
        re.IGNORECASE,
    ),
    "functional status": re.compile(
        r"\bSTarT Back|\bPEG\b|\bmJOA|\bModified JOA|\bMIDAS|\bHIT-6|\bfall risk|\brisk of fall|\bfunctional",
        re.IGNORECASE,
    ),
    "functional status, use of alcohol": re.compile(r"\balcohol", re.IGNORECASE),
    "disability status": re.compile(r"\bdisab", re.IGNORECASE),
}
"""Health status assessments, in the same place."""

_ASKED: Mapping[tuple[str, str], tuple[int, ...]] = {
    (SYSTEMS["loinc"], code): numbers
    for code, numbers in {
        "72826-1": (5,),  # race
        "46463-6": (5, 6),  # race or ethnicity
        "59362-4": (5, 6),
        "69490-1": (6,),  # ethnicity
        "56051-6": (6,),  # Hispanic or Latino
        "76690-7": (8,),  # sexual orientation
        "76691-5": (9,),  # gender identity
        "46098-0": (10,),  # sex
        "76689-9": (10,),  # sex assigned at birth
    }.items()
}
"""What such an Observation is about, whatever the display of its code says (loinc.org, 2026)."""

_SOCIAL = (SYSTEMS["icd-10-cm"], tuple(f"Z{number}" for number in range(55, 66)))
"""ICD-10-CM Z55-Z65: potential health hazards related to socioeconomic and psychosocial circumstances."""


def source_attributes(ruleset: Ruleset, facts: Iterable[FactSpec], knowledge: Knowledge) -> tuple[Attribute, ...]:
    about = ruleset.about
    editions = "; ".join(f"{one.label}: {one.edition}" for one in about.sources.values() if one.edition)
    dates = f"Released {about.released}, revised {about.revised}"
    told = (
        (
            "Bibliographic citation",
            " ".join(f"{source.cite.strip().rstrip('.')}." for source in about.sources.values()),
        ),
        ("Developer", about.developer),
        ("Funding source of the technical implementation", about.funding[:1].upper() + about.funding[1:]),
        ("Release and revision dates", f"{dates}; {editions}" if editions else dates),
    )
    first = (Attribute(number=number, name=name, value=value) for number, (name, value) in enumerate(told, 1))
    used = _used(tuple(facts), knowledge)
    rest = (
        Attribute(number=number, name=name, value=_said(used.get(number, {})), used=number in used)
        for number, name in _NAMES.items()
    )
    return (*first, *rest)


def _said(titles: Mapping[str, None]) -> str:
    return f"Used: {'; '.join(titles)}" if titles else NOT_USED


def _used(facts: tuple[FactSpec, ...], knowledge: Knowledge) -> dict[int, dict[str, None]]:
    """By number, what it is used for."""
    found: dict[int, dict[str, None]] = {}
    for spec in facts:
        for number, what in _read(spec, knowledge):
            found.setdefault(number, {})[what] = None
    return found


def _read(spec: FactSpec, knowledge: Knowledge) -> Iterator[tuple[int, str]]:
    esr_by_age = bool(spec.parameters.get("esr_age"))
    if spec.kind in _SEX or esr_by_age:
        yield 10, f"{spec.title} (administrative gender)"
    if spec.kind in _BORN or esr_by_age:
        yield 11, spec.title
    elif "onset_days" in KINDS[spec.kind].attributes or "Condition" in (
        *KINDS[spec.kind].reads,
        *KINDS[spec.kind].also,
    ):
        yield 11, "the date of an onset that the record gives as an age"
    yield from _by_codes(spec, knowledge)


def _by_codes(spec: FactSpec, knowledge: Knowledge) -> Iterator[tuple[int, str]]:
    for codes in spec.codes.values():
        for coding in (*codes.codings, *(coding for name in codes.sets for coding in _members(name, knowledge))):
            asked = _ASKED.get((coding.system, coding.code), ())
            yield from ((number, spec.title) for number in asked)
            yield from ((number, spec.title) for number, words in _WORDS.items() if words.search(coding.display))
            assessed = (element for element, words in _ASSESSED.items() if words.search(coding.display))
            yield from ((13, f"{element} ({spec.title})") for element in assessed)
            if coding.system == _SOCIAL[0] and coding.code.startswith(_SOCIAL[1]):
                yield 12, spec.title


def _members(name: str, knowledge: Knowledge) -> Iterator[Coding]:
    valueset = knowledge.valuesets[name]
    return iter((*valueset.codings, *valueset.prefixes))
