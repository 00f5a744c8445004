"""Left, right or both: from qualifiers in SNOMED CT, or from the laterality digit of ICD-10-CM codes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cds.clinical import Coding

SNOMED = "http://snomed.info/sct"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"

_SNOMED_SIDES = {"7771000": "left", "24028007": "right", "51440002": "both"}
_DIGITS = {"1": "right", "2": "left", "3": "both"}

# Families of ICD-10-CM in which the digit after the pattern says the side. Elsewhere the same place says other things:
# M54.12 is a cervical root, M62.831 a calf, M25.073 an ankle of no stated side, S83.201 a left knee.
_RIGHT_OR_LEFT = re.compile(
    r"""(?:
      M54[34]                             # sciatica, lumbago with sciatica
    | M796[023567]                        # pain in arm, upper arm, forearm, thigh, lower leg, foot
    | M25[0-8][1-7]                       # other joint disorders, by joint
    | M(?:00[0128]|10[0-4]|11[0128])[1-7] # pyogenic arthritis, gout, other crystal arthropathies, by joint
    | M17[13]                             # osteoarthritis of one knee
    | M23(?:[459]|6[0-9]|8X)              # internal derangement of knee, but for the menisci
    | M2137                               # foot drop
    | M7(?:12|0[567])                     # popliteal cyst, bursitis of knee and hip
    | S83(?:2[1-8]|4[0-2]|5[0-2])         # tear of meniscus, sprain of collateral and cruciate ligaments
    )([12])""",
    re.VERBOSE,
)
_RIGHT_LEFT_OR_BOTH = re.compile(
    r"""(?:
      G5[67][0-9]                         # mononeuropathies of a limb
    | I824[0-6YZ9]                        # acute thrombosis of deep veins of the leg
    )([123])""",
    re.VERBOSE,
)
_WHOLE_CODES = {
    "M79604": "right",  # leg
    "M79605": "left",
    "M79674": "right",  # toes
    "M79675": "left",
    "M170": "both",  # osteoarthritis of both knees: primary, post-traumatic, other secondary
    "M172": "both",
    "M174": "both",
}


def side(*codings: Iterable[Coding]) -> str | None:
    """The side that codings of a code, a body site or a qualifier name; left and right together are both."""
    found = None
    for several in codings:
        for coding in several:
            named = _side(coding)
            if named is not None:
                found = named if found in (None, named) else "both"
    return found


def is_side(coding: Coding) -> bool:
    """Whether it names a side and nothing else."""
    return coding.system == SNOMED and coding.code in _SNOMED_SIDES


def _side(coding: Coding) -> str | None:
    if coding.system == SNOMED:
        return _SNOMED_SIDES.get(coding.code)
    if coding.system != ICD_10_CM:
        return None
    code = coding.code.replace(".", "").upper()
    family = _RIGHT_OR_LEFT.match(code) or _RIGHT_LEFT_OR_BOTH.match(code)
    return _DIGITS[family[1]] if family else _WHOLE_CODES.get(code)
