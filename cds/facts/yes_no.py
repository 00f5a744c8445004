"""Whether an observation or an answer says yes or no, or nothing that can be relied on."""

from __future__ import annotations

from cds.clinical import Coding, Quantity, Span
from cds.facts.concepts import concepts
from cds.record import ObservationEntry
from cds.ruleset.systems import LOCAL_SYSTEMS, SYSTEMS

_SNOMED, _LOINC, _YES_NO = SYSTEMS["snomed"], SYSTEMS["loinc"], SYSTEMS["yes-no"]
_NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
_ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

NO = frozenset(
    {
        (_SNOMED, "373067005"),  # No
        (_SNOMED, "2667000"),  # Absent
        (_SNOMED, "410516002"),  # Known absent
        (_SNOMED, "410594000"),  # Definitely NOT present
        (_SNOMED, "260385009"),  # Negative
        (_SNOMED, "260415000"),  # Not detected
        (_LOINC, "LA32-8"),  # No
        (_LOINC, "LA9634-2"),  # Absent
        (_LOINC, "LA6577-6"),  # Negative
        (_LOINC, "LA11883-8"),  # Not detected
        (_YES_NO, "N"),
    }
)
UNSURE = frozenset(
    {
        (_SNOMED, "261665006"),  # Unknown
        (_SNOMED, "373068000"),  # Undetermined
        (_SNOMED, "82334004"),  # Indeterminate
        (_SNOMED, "42425007"),  # Equivocal
        (_SNOMED, "419984006"),  # Inconclusive
        (_LOINC, "LA12688-0"),  # Don't know
        (_LOINC, "LA4489-6"),  # Unknown
        (_LOINC, "LA4389-8"),  # Refused
        (_LOINC, "LA11884-6"),  # Indeterminate
    }
)
_NO_ANSWER = frozenset({_NULL_FLAVOR, _ABSENT_REASON})  # all of whose codes say why there is no answer
_VOCABULARIES = frozenset(SYSTEMS.values()) - frozenset(LOCAL_SYSTEMS)
_NO_WORDS = frozenset({"no", "none", "absent", "negative", "not present"})
_YES_WORDS = frozenset({"yes", "present", "positive"})
_NO_CODES = _NO_WORDS | {"n", "neg", "not-present"}
_YES_CODES = _YES_WORDS | {"y", "pos", "some", "mild", "moderate", "severe"}
_NEGATIVE = frozenset({"NEG", "ND"})  # v3 ObservationInterpretation: negative, not detected
_POSITIVE = frozenset({"POS", "DET"})


def coded(entry: ObservationEntry) -> tuple[Coding, ...]:
    """The codings of a coded value."""
    if isinstance(entry.value, tuple) and not isinstance(entry.value, Quantity | Span):
        return entry.value
    return ()


def says(entry: ObservationEntry, *, named: bool = False) -> bool | None:
    """True for yes, False for no.

    A code of a terminology is a yes unless it is one of the ways to say no or not to say; any other code is read as a
    word. ``named``: the value is the finding itself, which is a yes. None when nothing was stated, or nothing that is a
    yes or a no (a number, a free text, the code "unclear").
    """
    if isinstance(entry.value, bool):
        return entry.value
    if isinstance(entry.value, str):
        return _worded(entry, _word(entry.value))
    if codings := coded(entry):
        return _coded(entry, codings, named)
    return _interpreted(entry)


def _interpreted(entry: ObservationEntry) -> bool | None:
    if entry.interpretations & _NEGATIVE:
        return False
    return True if entry.interpretations & _POSITIVE else None


def _coded(entry: ObservationEntry, codings: tuple[Coding, ...], named: bool) -> bool | None:
    codes = concepts(codings)
    words = {_word(coding.code) for coding in codings if coding.system not in _VOCABULARIES}
    if codes & NO or words & _NO_CODES or entry.interpretations & _NEGATIVE:
        return False
    if codes & UNSURE or any(system in _NO_ANSWER for system, _ in codes):
        return None
    return True if named or words & _YES_CODES or len(words) < len(codings) else None


def _worded(entry: ObservationEntry, text: str) -> bool | None:
    if text in _NO_WORDS:
        return False
    return True if text in _YES_WORDS else _interpreted(entry)


def _word(text: str) -> str:
    return text.strip().rstrip(".").casefold()
