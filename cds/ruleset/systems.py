"""Code systems: the short names rulesets use for them, other identifiers records use, and how their codes match."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from cds.clinical import Coding

CodeForm: TypeAlias = tuple[str, str]
"""A system and a code of it as it is compared."""

BASE = "https://cds.example.org/fhir"
"""Of what this project defines itself: a reserved domain, to be changed once and for all before the first release."""

SYSTEMS: Mapping[str, str] = {
    "snomed": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "icd-10-cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd-10": "http://hl7.org/fhir/sid/icd-10",
    "atc": "http://www.whocc.no/atc",
    "ucum": "http://unitsofmeasure.org",
    "spine-local": f"{BASE}/CodeSystem/spine-cds-findings",
    "headache-local": f"{BASE}/CodeSystem/headache-cds-findings",
    "condition-category": "http://terminology.hl7.org/CodeSystem/condition-category",
    "observation-category": "http://terminology.hl7.org/CodeSystem/observation-category",
    "observation-interpretation": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    "yes-no": "http://terminology.hl7.org/CodeSystem/v2-0136",
    "act-code": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "role-code": "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
}

LOCAL_SYSTEMS = (SYSTEMS["spine-local"], SYSTEMS["headache-local"])
"""Defined by this project; their codes are the linkIds of its questionnaires too."""

ALIASES: Mapping[str, str] = {
    "urn:oid:2.16.840.1.113883.6.96": SYSTEMS["snomed"],
    "urn:oid:2.16.840.1.113883.6.1": SYSTEMS["loinc"],
    "urn:oid:2.16.840.1.113883.6.88": SYSTEMS["rxnorm"],
    "urn:oid:2.16.840.1.113883.6.90": SYSTEMS["icd-10-cm"],
    "urn:oid:2.16.840.1.113883.6.3": SYSTEMS["icd-10"],
    "urn:oid:2.16.840.1.113883.6.73": SYSTEMS["atc"],
    "http://www.whocc.no/atcddd": SYSTEMS["atc"],
    "urn:oid:2.16.840.1.113883.5.111": SYSTEMS["role-code"],
    "http://hl7.org/fhir/v3/RoleCode": SYSTEMS["role-code"],
}
"""Other identifiers of the same systems."""

_ICD = {SYSTEMS["icd-10-cm"], SYSTEMS["icd-10"]}
_ATC_SUBSTANCE = 7  # characters of an ATC code that names a substance; shorter ones name a group

# What SNOMED CT ends its full names with: "Sciatica (disorder)".
_SEMANTIC_TAG = re.compile(
    r" \((body structure|disorder|event|finding|observable entity|procedure|regime/therapy|situation|substance)\)$"
)


def system_of(name: str) -> str | None:
    """The URI of a short name, or the URI itself. None: neither."""
    return SYSTEMS.get(name) or (name if ":" in name else None)


def short_name(system: str) -> str:
    """What rulesets call a system, or its URI when they have no shorter name for it."""
    return next((name for name, uri in SYSTEMS.items() if uri == system), system)


def matched_form(system: str, code: str) -> str:
    """The code as it is compared: ICD-10 without its dot, ICD-10 and ATC without regard to case."""
    if system in _ICD:
        return code.replace(".", "").upper()
    return code.upper() if system == SYSTEMS["atc"] else code


def is_prefix(system: str, code: str) -> bool:
    """Whether a code of a value set stands for everything below it (spine.md 0.6)."""
    return system in _ICD or (system == SYSTEMS["atc"] and len(code) < _ATC_SUBSTANCE)


def form_of(coding: Coding) -> CodeForm:
    """What a choice of codes lists: one that stands for all below it ends in a star."""
    star = "*" if is_prefix(coding.system, coding.code) else ""
    return coding.system, matched_form(coding.system, coding.code) + star


def names_of(codings: Iterable[Coding]) -> dict[CodeForm, str]:
    """What codes are called, as far as they have a display. Of several with one form the last counts."""
    return {
        (coding.system, matched_form(coding.system, coding.code)): short_display(coding.display)
        for coding in codings
        if coding.display
    }


def short_display(display: str) -> str:
    """A display without the semantic tag of SNOMED CT."""
    return _SEMANTIC_TAG.sub("", display)
