"""When an answer to less than all of the data is right: whatever is not told for want of data is said to be missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds.hooks.gaps import RECORDS
from tests.ehr.client import Json, Reply, gaps, rules


def unsaid(service: Json, full: Iterable[Json], partial: Reply, missing: set[str]) -> list[str]:
    """What is wrong with an answer to a call that lacked the keys ``missing``, where ``full`` is told with all of them.

    A refusal has to name keys that are missing, and no others. In an answer each rule that is not told any more has
    to be matched by a gap that names what is missing, or by an emergency that only the missing data would clear; and
    nothing may be called missing that was there.
    """
    types = {service["prefetch"][key].partition("?")[0].partition("/")[0] for key in missing}
    if partial.status != 200:
        return list(_wrong_refusal(partial, missing))
    named = {kind for card in gaps(partial.cards) for kind in _named(card)}
    told = rules(full)
    alarmed = any(card["indicator"] == "critical" and rules([card]) - told for card in partial.cards)
    lost = told - rules(partial.cards)
    silent = sorted(lost) if lost and not named & types and not alarmed else []
    return [*silent, *(f"{kind} was there" for kind in sorted(named - types))]


def _wrong_refusal(refusal: Reply, missing: set[str]) -> Iterator[str]:
    if refusal.status != 412 or refusal.body["resourceType"] != "OperationOutcome":
        yield f"status {refusal.status}"
        return
    told = [issue["diagnostics"] for issue in refusal.body["issue"]]
    named = {word.strip(":,").removeprefix("prefetch.") for line in told for word in line.split()[:1]}
    if not named or not named <= missing:
        yield f"refused for {sorted(named)}"


def _named(card: Json) -> Iterator[str]:
    """The resource types that a gap card says were not supplied: the list under its first heading."""
    listed = card["detail"].partition("**Data not supplied**")[2].partition("\n\n**")[0]
    yield from (kind for kind, words in RECORDS.items() if f"- {words}:" in listed)
