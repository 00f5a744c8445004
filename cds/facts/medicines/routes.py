"""By which route a medicine is given, and whether that makes it systemic (spine.md NRM-05)."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from cds.clinical import Coding
from cds.record import Dosage, MedicationEntry

_SNOMED = "http://snomed.info/sct"
_EDQM = "http://standardterms.edqm.eu"

# SNOMED CT: the expansion of the FHIR value set route-codes. EDQM: the standard terms that the IPS uses.
_GROUPS = MappingProxyType(
    {
        (_SNOMED, "6064005"): "topical",  # Topical route
        (_SNOMED, "448598008"): "topical",  # Cutaneous route
        (_SNOMED, "54485002"): "ophthalmic",  # Ophthalmic route
        (_SNOMED, "446105004"): "ophthalmic",  # Conjunctival route
        (_SNOMED, "372476004"): "ophthalmic",  # Subconjunctival route
        (_SNOMED, "372468001"): "ophthalmic",  # Intraocular route
        (_SNOMED, "418401004"): "ophthalmic",  # Intravitreal route
        (_SNOMED, "418608002"): "ophthalmic",  # Intracorneal route
        (_SNOMED, "418722009"): "ophthalmic",  # Peribulbar route
        (_SNOMED, "418321004"): "ophthalmic",  # Retrobulbar route
        (_SNOMED, "10547007"): "otic",  # Otic route
        (_SNOMED, "418091004"): "otic",  # Intratympanic route
        (_SNOMED, "46713006"): "nasal",  # Nasal route
        (_SNOMED, "447694001"): "inhaled",  # Respiratory tract route
        (_SNOMED, "447081004"): "inhaled",  # Lower respiratory tract route
        (_SNOMED, "420201002"): "inhaled",  # Intrapulmonary route
        (_SNOMED, "37161004"): "rectal",  # Rectal route
        (_SNOMED, "12130007"): "intra-articular",  # Intra-articular route
        (_SNOMED, "418877009"): "intra-articular",  # Intrasynovial route
        (_SNOMED, "372474001"): "intra-articular",  # Periarticular route
        (_SNOMED, "372459003"): "intra-articular",  # Intrabursal route
        (_SNOMED, "372466002"): "intralesional",  # Intralesional route
        (_SNOMED, "404820008"): "epidural",  # Epidural route
        (_SNOMED, "447080003"): "epidural",  # Peridural route
        (_SNOMED, "417070009"): "epidural",  # Caudal route
        (_EDQM, "20003000"): "topical",  # Cutaneous use
        (_EDQM, "20051000"): "ophthalmic",  # Ocular use
        (_EDQM, "20001000"): "otic",  # Auricular use
        (_EDQM, "20049000"): "nasal",  # Nasal use
        (_EDQM, "20020000"): "inhaled",  # Inhalation use
        (_EDQM, "20061000"): "rectal",  # Rectal use
        (_EDQM, "20009000"): "epidural",  # Epidural use
    }
)
_INJECTED = frozenset(
    {
        (_SNOMED, "47625008"),  # Intravenous route
        (_SNOMED, "78421000"),  # Intramuscular route
        (_SNOMED, "34206005"),  # Subcutaneous route
        (_SNOMED, "72607000"),  # Intrathecal route
        (_SNOMED, "404820008"),  # Epidural route
        (_EDQM, "20045000"),  # Intravenous use
        (_EDQM, "20035000"),  # Intramuscular use
        (_EDQM, "20066000"),  # Subcutaneous use
        (_EDQM, "20009000"),  # Epidural use
    }
)
_TRANSDERMAL = frozenset({(_SNOMED, "45890007"), (_EDQM, "20070000")})


def route_groups(dosages: Iterable[Dosage]) -> frozenset[str]:
    """The named routes of the dosages; "other" for any other route. Empty when none states its route."""
    routes = [coding for dosage in dosages for coding in dosage.routes]
    return frozenset(_GROUPS.get((coding.system, coding.code), "other") for coding in routes)


def is_local(entry: MedicationEntry, local: Iterable[str]) -> bool:
    """Every stated route is one of the local ones. A medicine without a stated route is not local."""
    groups = route_groups(entry.dosages)
    return bool(groups) and groups <= frozenset(local)


def is_worn(entry: MedicationEntry) -> bool:
    """A patch: every day of wear is a day of use (headache.md DC-7)."""
    return any(_key(coding) in _TRANSDERMAL for dosage in entry.dosages for coding in dosage.routes)


def is_injected(entry: MedicationEntry) -> bool:
    """Into a vein, a muscle, the skin or the spinal canal: there less does more than by mouth."""
    return any(_key(coding) in _INJECTED for dosage in entry.dosages for coding in dosage.routes)


def _key(coding: Coding) -> tuple[str, str]:
    return coding.system, coding.code
