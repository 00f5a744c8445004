"""Whether a ruleset says all that it has to say of itself, and is reviewed in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.ruleset.about import Source
from cds.ruleset.model import Place, Ruleset
from cds.workbench.soundness.finding import Finding, Sort

_SAID = ("purpose", "intended_users", "population", "excludes", "developer", "funding", "limits")
_OWN = "project"
_OPEN = ("tbd", "todo", "unknown", "?", "-")


def findings(ruleset: Ruleset, today: date) -> Iterator[Finding]:
    about = ruleset.about
    for name in _SAID:
        said = str(getattr(about, name)).strip()
        if not said or said.casefold().rstrip(".") in _OPEN:
            yield _finding(ruleset, "source", name, f'"about" does not say its "{name}"')
    cited = {evidence.source for rule in ruleset.rules for evidence in rule.evidence}
    for key, source in about.sources.items():
        if cited and key not in cited:
            yield _finding(ruleset, "source", key, f'source "{key}" is the evidence of no rule')
        if not _can_be_found(source):
            message = f'source "{key}" has no year, edition or address by which it can be found'
            yield _finding(ruleset, "source", f"{key} edition", message)
    released, revised, review = (date.fromisoformat(str(day)) for day in _days(ruleset))
    if revised < released or revised > today:
        message = f"it is revised on {revised}, which is before its release or not yet"
        yield _finding(ruleset, "source", "revised", message)
    if review < today:
        yield _finding(ruleset, "overdue", "review_by", f"its review was due on {review}")


def _can_be_found(source: Source) -> bool:
    """What the project itself has written down needs no more than that."""
    said = f"{source.cite} {source.edition}"
    return bool(source.url) or _OWN in said or any(character.isdigit() for character in said)


def _days(ruleset: Ruleset) -> tuple[str, str, str]:
    return ruleset.about.released, ruleset.about.revised, ruleset.about.review_by


def _finding(ruleset: Ruleset, sort: Sort, name: str, message: str) -> Finding:
    place = Place(ruleset.place.file, ruleset.about.line)
    return Finding(sort, ruleset.id, (name,), place, f'ruleset "{ruleset.id}": {message}')
