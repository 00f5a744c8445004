"""Codes that do not say where: they count only at the body sites that a fact names (spine.md 0.6)."""

from __future__ import annotations

from collections.abc import Callable

from cds.facts.question import Question
from cds.record import Entry


def counts_here(question: Question, entry: Entry, is_present: Callable[[str], bool]) -> bool:
    """Whether an entry counts for the fact, given where on the body it is.

    Without a body site it counts when something of ``near`` is present now.
    """
    if question.choice("unsited") not in entry.sets:
        return True
    if entry.sites or entry.site_sets:
        return question.choice("at") in entry.site_sets
    return question.names_codes("near") and is_present("near")
