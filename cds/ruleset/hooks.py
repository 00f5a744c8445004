"""The hooks that a service or a card may name: the CDS Hooks library."""

from __future__ import annotations

HOOKS = (
    "patient-view",
    "order-select",
    "order-sign",
    "order-dispatch",
    "appointment-book",
    "encounter-start",
    "encounter-discharge",
    "medication-refill",
    "medication-verify",
    "allergyintolerance-create",
    "problem-list-item-create",
    "medication-prescribe",  # deprecated: order-select and order-sign replace it
    "order-review",  # deprecated: order-sign replaces it
)
