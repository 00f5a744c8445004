"""The orders under review at a hook: ``context.draftOrders``, at order-select those that were just selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from msgspec import Raw

from cds.fhir.bundles import BundleEntry
from cds.fhir.datatypes import ABSENT
from cds.fhir.decode import Sent, sent
from cds.fhir.references import local
from cds.fhir.salvage import fitting


class _Context(msgspec.Struct, rename="camel"):
    draft_orders: Raw = ABSENT


def draft_orders(context: Raw | bytes, selections: Sequence[str] | None = None) -> Sent:
    """The draft orders of a hook's context; ``selections`` None: all of them."""
    orders = fitting(context, _Context)
    if orders is None or orders.draft_orders is ABSENT:
        return Sent("context.draftOrders")
    found = sent(orders.draft_orders, "context.draftOrders")
    if selections is None:
        return found
    chosen = frozenset(map(local, selections))
    entries = tuple(entry if entry and _selected(entry, chosen) else None for entry in found.entries)
    return replace(found, entries=entries)


def _selected(entry: BundleEntry, chosen: frozenset[str]) -> bool:
    """Whether a selection names the order, by type and id or, as some clients do, by id or full URL alone."""
    name, resource_id = type(entry.resource).__name__, getattr(entry.resource, "id", None)
    names = {f"{name}/{resource_id}", resource_id} if resource_id else set()
    return not chosen.isdisjoint(names | {entry.full_url})
