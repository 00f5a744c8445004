"""The addresses that a token may be made out to, by what is called. They follow from ``CDS_PUBLIC_URL`` alone: what a
request says of its own address can be forged.
"""

from __future__ import annotations


def of_discovery(public_url: str) -> frozenset[str]:
    return frozenset((f"{public_url}/cds-services",))


def of_service(public_url: str, service: str) -> frozenset[str]:
    return frozenset((f"{public_url}/cds-services/{service}",))


def of_feedback(public_url: str, service: str) -> frozenset[str]:
    """CDS Hooks does not spell it out: the address of the feedback itself, or that of its service."""
    service_url = f"{public_url}/cds-services/{service}"
    return frozenset((service_url, f"{service_url}/feedback"))
