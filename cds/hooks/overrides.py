"""HL7's reasons for not following advice: the selection meant for the point of care, and the category of every reason.

Value set http://terminology.hl7.org/ValueSet/non-adherence-reason-clinical (CDS Hooks 3.0, trial use), in its order;
from AHRQ's CDSiC work on override reasons. Displays as published, but for the asterisk of a footnote. The
categories are the groups of the code system there (HL7/cds-hooks, CodeSystem-non-adherence-reason-codes.json).
"""

from __future__ import annotations

from collections.abc import Mapping

from cds.clinical import Coding
from cds.ruleset.systems import SYSTEMS

SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"

POINT_OF_CARE = tuple(
    Coding(SYSTEM, code, display)
    for code, display in (
        ("cds-not-applicable", "PC CDS does not apply to patient"),
        ("cds-suboptimal-context", "PC CDS delivered in suboptimal context"),
        ("recipient-disagrees-evidence", "Recipient disagrees with recommendation because of issues with the evidence"),
        ("recipient-concerns-outcomes", "Recipient has concerns regarding potential health outcomes"),
        ("does-not-align-preferences", "Recommendation does not align with patient preferences or values"),
        ("not-convenient-feasible", "Recommendation is not convenient or feasible"),
        ("action-completed", "Recommended action was already completed"),
        ("patient-contraindication", "Patient has contraindication to recommended action"),
        ("patient-refuses", "Patient refuses/declines (no context given)"),
        ("too-costly-uncovered", "Recommended action is too costly or not covered by insurance"),
        ("service-not-available", "Treatment or service is not practically available"),
        (
            "recipient-does-not-understand",
            "Recipient does not understand the recommended action or know how to perform the recommended action",
        ),
    )
)

_SYSTEMS = frozenset({"", SYSTEM, SYSTEMS["spine-local"], SYSTEMS["headache-local"]})  # "": some clients leave it out

# The groups of HL7, and where this project's own reasons (value sets vs- and hd-override-reason) are counted.
_GROUPS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cds-not-applicable": (
        (
            "patient-ineligible",
            "indication-order-exists",
            "action-completed",
            "action-unsuccessful",
            "action-performed-no-adverse-effect",
            "action-not-priority",
        ),
        (
            "ovr-already-done",
            "ovr-known-chronic",
            "ovr-other-indication",
            "ovr-not-taking",
            "ovr-short-course",
            "ovr-palliative",
            "ovr-data-wrong",
            "ovr-evaluated-negative",
            "ovr-not-applicable",
            "ovr-redflag-unrecorded",
        ),
    ),
    "cds-suboptimal-context": (
        ("limited-time", "wrong-time-workflow", "inappropriate-recipient", "need-more-info"),
        (),
    ),
    "recipient-disagrees-evidence": (
        ("does-not-align-latest-evidence", "expert-contradicts", "policy-contradicts", "recipient-does-not-trust"),
        ("ovr-specialist-request",),
    ),
    "recipient-concerns-outcomes": (
        (
            "risk-benefit-ratio",
            "mitigate-risk-negative-outcome",
            "likely-negative-health-outcomes",
            "patient-contraindication",
        ),
        ("ovr-benefit-outweighs",),
    ),
    "does-not-align-preferences": (
        (
            "patient-fears-discomfort",
            "patient-does-not-want-change",
            "cultural-religious-reason",
            "prefers-alternative",
            "patient-refuses",
        ),
        ("ovr-patient-preference",),
    ),
    "not-convenient-feasible": (
        (
            "inadequate-support",
            "service-not-available",
            "implementation-challenges",
            "too-costly-uncovered",
            "recipient-does-not-understand",
            "comorbidity-disability",
        ),
        (),
    ),
}

CATEGORIES: Mapping[str, str] = {each.code: each.display for each in POINT_OF_CARE[:6]}
"""The six, by their code; each is a reason itself."""

_CATEGORY_OF = {
    code: category for category, (published, own) in _GROUPS.items() for code in (category, *published, *own)
}


def category(system: str, code: str) -> str:
    """The code of the category of a reason; "" when it is in none of them."""
    return _CATEGORY_OF.get(code, "") if system in _SYSTEMS else ""
