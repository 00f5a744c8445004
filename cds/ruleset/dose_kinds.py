"""Kinds of fact about doses of several medicines together."""

from __future__ import annotations

from cds.ruleset.kind import EXCEPT, IN, Attribute, Kind, Parameter
from cds.ruleset.medicine_kinds import BACKGROUND, DRAFTS, LOCAL, ORDERS, TAKEN

DOSE_KINDS = (
    Kind(
        "morphine-equivalents",
        "the opioids taken now, in milligrams of oral morphine a day by the factors of CDC 2022",
        reads=ORDERS,
        also=TAKEN,
        parameters={
            "in": IN,
            "except": EXCEPT,
            "opioid_use_disorder": Parameter("codes", "reasons that make it substitution treatment, left out"),
            "local": LOCAL,
            "drafts": DRAFTS,
            "background": BACKGROUND,
        },
        attributes={
            "value": Attribute(
                "number", "morphine a day; `at least` when the dose or the factor of one is not known", "mg/d"
            ),
            "possible": Attribute("number", "the same with what is perhaps not taken any more", "mg/d"),
            "gaps": Attribute("number", "medicines whose share is not known", "1"),
            "lacking": Attribute("text", "those medicines, as recorded"),
            "parts": Attribute("text", "each medicine with its daily dose and factor"),
        },
        derivation=True,
        source="spine.md MED-21; Dowell et al., MMWR Recomm Rep 2022;71(RR-3):1",
    ),
)
