"""Kinds of fact about doses of several medicines together."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, Attribute, Kind, Parameter
from cds.ruleset.medicine_kinds import BACKGROUND, DRAFTS, LOCAL, ORDERS, TAKEN

DOSE_KINDS = (
    Kind(
        "morphine-equivalents",
        "the opioids taken now, in milligrams of oral morphine a day, with the conversion factors of CDC 2022",
        reads=ORDERS,
        also=TAKEN,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "opioid_use_disorder": Parameter(
                "codes", "reasons that mean substitution treatment: such opioids are left out"
            ),
            "local": LOCAL,
            "drafts": DRAFTS,
            "background": BACKGROUND,
        },
        attributes={
            "value": Attribute(
                "number", "morphine a day; a lower bound if a dose or factor is not known, or one is injected", "mg/d"
            ),
            "possible": Attribute(
                "number", "morphine a day, including medicines that are perhaps no longer taken", "mg/d"
            ),
            "gaps": Attribute("number", "number of medicines whose share is not known", "1"),
            "lacking": Attribute("text", "names of these medicines, as recorded"),
            "parts": Attribute("text", "each medicine with its daily dose and factor"),
        },
        derivation=True,
        source="spine.md MED-21; Dowell et al., MMWR Recomm Rep 2022;71(RR-3):1",
    ),
)
