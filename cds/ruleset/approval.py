"""Whether a clinician stands behind what is run: a named reviewer, for this very version, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.errors import Problem
from cds.ruleset.about import NOBODY
from cds.ruleset.model import Knowledge, Ruleset
from cds.ruleset.program import with_used


def unapproved(knowledge: Knowledge, today: date) -> tuple[Problem, ...]:
    """What keeps the services from production, with its place. Drafts are never shown, and need no approval."""
    return tuple(sorted(problem for ruleset in _run(knowledge) for problem in _problems(ruleset, today)))


def unreviewed(knowledge: Knowledge) -> tuple[str, ...]:
    """The rulesets that are run and that no clinician has reviewed."""
    return tuple(ruleset.id for ruleset in _run(knowledge) if _has_no_reviewer(ruleset))


def overdue(knowledge: Knowledge, today: date) -> tuple[str, ...]:
    """The rulesets that are run although their review is over."""
    return tuple(ruleset.id for ruleset in _run(knowledge) if is_over(ruleset.about.review_by, today))


def is_over(review_by: str, today: date) -> bool:
    """Whether a review was due before today: on the day itself it still holds."""
    return date.fromisoformat(str(review_by)) < today


def warning(knowledge: Knowledge) -> str:
    """For whoever opens the service; "" when every ruleset that is run has its reviewer."""
    run, waiting = len(_run(knowledge)), len(unreviewed(knowledge))
    which = f"any of its rulesets ({run})" if waiting == run else f"{waiting} of its {run} rulesets"
    return f"Not for clinical use: no clinician has reviewed {which}." if waiting else ""


def _run(knowledge: Knowledge) -> tuple[Ruleset, ...]:
    names = [name for service in knowledge.services for name in service.rulesets]
    return tuple(one for one in with_used(knowledge.rulesets, names) if one.status == "active")


def _has_no_reviewer(ruleset: Ruleset) -> bool:
    return ruleset.about.reviewer.strip().casefold() == NOBODY


def _problems(ruleset: Ruleset, today: date) -> Iterator[Problem]:
    about, approved = ruleset.about, ruleset.about.approved
    named = f'ruleset "{ruleset.id}"'
    wrong = {
        f"{named} has no reviewer: name the clinician who has reviewed it": _has_no_reviewer(ruleset),
        f"{named} is not approved: add `approved: {{version: {ruleset.version}, on: <date>}}`": approved is None,
        f"the review of {named} was due on {about.review_by}": is_over(about.review_by, today),
    }
    if approved is not None:
        wrong |= {
            f"{named} is approved in version {approved.version}, but this is version {ruleset.version}": (
                approved.version != ruleset.version
            ),
            f"{named} is approved on {approved.on}, which is in the future": approved.on > today,
        }
    yield from (Problem(ruleset.place.file, about.line, message) for message, is_so in wrong.items() if is_so)
