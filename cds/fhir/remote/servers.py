"""A FHIR server that the operator has registered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FhirServer:
    """``base``: https URL without trailing slash. ``subject``: the OAuth client id that this service has there; tokens
    for another one are not used; "" takes any. ``anonymous``: may be read without a token.
    """

    base: str
    subject: str = ""
    anonymous: bool = False
