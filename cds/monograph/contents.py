"""The list of all rulesets, or of those that a search finds."""

from __future__ import annotations

from collections.abc import Mapping

from cds import __version__
from cds.monograph import places
from cds.monograph.document import Contents, Entry
from cds.monograph.logic import Reference
from cds.monograph.monograph import domain, review
from cds.ruleset.model import Knowledge, Ruleset


def contents(knowledge: Knowledge, versions: Mapping[str, tuple[str, ...]], query: str) -> Contents:
    """Those in whose words, ids and inputs every word of the query occurs.

    ``versions``: of each, all that can be read.
    """
    found = [one for one in knowledge.rulesets.values() if _answers(one, query)]
    return Contents(
        query=query,
        total=len(knowledge.rulesets),
        rulesets=tuple(_entry(one, versions[one.id]) for one in sorted(found, key=_order)),
        software=__version__,
        rulesets_fingerprint=knowledge.fingerprint,
    )


def _order(ruleset: Ruleset) -> tuple[str, str]:
    return domain(ruleset), ruleset.title.casefold()


def _answers(ruleset: Ruleset, query: str) -> bool:
    if not query:
        return True
    words = (
        *(ruleset.id, ruleset.title, ruleset.about.purpose),
        *(text for rule in ruleset.rules for text in (rule.id, rule.title, rule.conclude)),
        *(spec.title for spec in ruleset.facts.values()),
    )
    told = "\n".join(words).casefold()
    return all(word in told for word in query.casefold().split())


def _entry(ruleset: Ruleset, versions: tuple[str, ...]) -> Entry:
    return Entry(
        id=ruleset.id,
        version=ruleset.version,
        address=places.of_ruleset(ruleset),
        title=ruleset.title,
        status=ruleset.status,
        domain=domain(ruleset),
        purpose=ruleset.about.purpose.strip(),
        approved=review(ruleset).approved,
        review_by=ruleset.about.review_by,
        rules=len(ruleset.rules),
        cards=sum(rule.card is not None for rule in ruleset.rules),
        versions=tuple(Reference(name=one, to=places.path(ruleset.id, one)) for one in versions),
    )
