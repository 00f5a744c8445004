"""Pages of one search put together, and whether they are all."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cds.fhir.bundles import BundleEntry
from cds.fhir.decode import Sent
from cds.fhir.remote.replies import incomplete


def continued(before: Sent, page: Sent) -> Sent:
    """A set of resources with its next page. One that brings nothing new ends it: its server goes in circles."""
    entries = (*before.entries, *page.entries)
    total = before.total if page.total is None else page.total
    joined = msgspec.structs.replace(
        before, entries=entries, next=_following(page, entries, total), total=total, lost=before.lost + page.lost
    )
    if page.entries and _distinct(entries) == _distinct(before.entries):
        return incomplete(joined, "pages")
    return msgspec.structs.replace(joined, gap=page.gap) if page.gap else joined


def _following(page: Sent, entries: tuple[BundleEntry | None, ...], total: int | None) -> str | None:
    if page.next:
        return page.next
    # By itself any page but one that holds everything looks cut off: it has fewer entries than there are in total.
    by_itself = page.total is not None and page.total > len(page.entries)
    cut_off = page.next == "" and not by_itself
    return "" if cut_off or (total is not None and total > _distinct(entries)) else None


def _distinct(entries: Iterable[BundleEntry | None]) -> int:
    """How many different resources; what has no name counts as one of its own."""
    names = [_name(entry) for entry in entries]
    return len({name for name in names if name}) + names.count(None)


def _name(entry: BundleEntry | None) -> tuple[str, str] | None:
    if entry is None:
        return None
    if name := getattr(entry.resource, "id", None):
        return type(entry.resource).__name__, name
    return ("", entry.full_url) if entry.full_url else None
