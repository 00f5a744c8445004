"""A card as it is sent: its words, its suggestions and links, why it is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cds.clinical import Coding
from cds.hooks.call import Call
from cds.hooks.detail import Basis, bullets, detail, evidence_references, remarks
from cds.hooks.groups import Group, card_of
from cds.hooks.overrides import POINT_OF_CARE
from cds.hooks.suggestions import one_recommended, suggestions
from cds.hooks.wording import authored, escaped, filled_within
from cds.monograph import places
from cds.outcome import Firing
from cds.ruleset.advice import Link
from cds.ruleset.limits import SUMMARY_LENGTH

RULES = "org.example.cds.rules"  # extension: the rules of a card, ``id@version``


def written(call: Call, group: Group, folded: Sequence[Group] = ()) -> dict[str, Any]:
    """The card of a group; ``folded``: those without room, which it names."""
    leading, card = group.firings[0], group.card
    basis = Basis.of(call, group.firings)
    offered, refused = suggestions(call, group.firings, evidence_references(call, basis))
    if card.selection == "at-most-one":
        offered = one_recommended(offered)
    offered = offered[: _most_offered(group)]
    notes = (_also(call, group), _not_offered(refused), _not_shown(call, folded))
    members = {
        "uuid": call.new_id(),
        "summary": summary(call, leading),
        "detail": detail(call, group.firings, basis, notes),
        "indicator": card.indicator,
        "source": _source(call, leading),
        "suggestions": offered,
        "selectionBehavior": card.selection if offered else None,
        "overrideReasons": [reason._asdict() for reason in _override_reasons(group)],
        "links": list(_links(call, group)),
        "extension": {RULES: list(group.rules)},
    }
    return {name: value for name, value in members.items() if value}


def _most_offered(group: Group) -> int | None:
    limits = [card.offer_at_most for card in map(card_of, group.firings) if card.offer_at_most is not None]
    return min(limits, default=None)


def summary(call: Call, firing: Firing) -> str:
    """Plain text; EHRs do not render Markdown here."""
    return filled_within(card_of(firing).summary, lambda name: call.words_for(name, firing), SUMMARY_LENGTH)


def _also(call: Call, group: Group) -> str:
    said = set(remarks(call, group.firings[0]))
    lines = []
    for firing in group.firings[1:]:
        more = [remark for remark in remarks(call, firing) if remark not in said]
        tier = f"{card_of(firing).tier}: " if card_of(firing).tier else ""
        lines.append(" ".join([f"{tier}{escaped(summary(call, firing))}", *more]))
        said.update(more)
    return f"**Also**\n\n{bullets(lines)}" if lines else ""


def _not_offered(refused: Sequence[str]) -> str:
    return f"**Not offered**\n\n{bullets(map(authored, refused))}" if refused else ""


def _not_shown(call: Call, folded: Sequence[Group]) -> str:
    lines = [f"{escaped(summary(call, group.firings[0]))} ({authored(group.rules[0])})" for group in folded]
    return f"**Not shown, to keep the list short**\n\n{bullets(lines)}" if lines else ""


def _source(call: Call, firing: Firing) -> dict[str, Any]:
    """The ruleset, whose page tells of the rule in the very version that fired; the topic says which rule it was."""
    ruleset = call.ruleset(firing)
    label = f"{ruleset.title}, after {ruleset.about.sources[firing.rule.evidence[0].source].label}"
    page = {"url": f"{call.address}{places.of_rule(firing.rule)}"} if call.address else {}
    topic = {"system": ruleset.url, "code": firing.rule.topic or firing.rule.id, "display": firing.rule.title}
    return {"label": label, **page, "topic": topic}


def _override_reasons(group: Group) -> Iterator[Coding]:
    """Those named by every rule of the card's own urgency, or by the first of them where they agree on none.

    Whoever overrides a merged card overrides its gravest part: what would do for a warning beside it is no reason
    for that. Where no rule names any, HL7's, for every card but an informative one.
    """
    gravest = [card_of(one).override for one in group.firings if card_of(one).indicator == group.card.indicator]
    named = [reasons for reasons in gravest if reasons]
    if not named:
        yield from () if group.card.indicator == "info" else POINT_OF_CARE
    else:
        shared = frozenset(named[0]).intersection(*named)
        yield from (reason for reason in named[0] if not shared or reason in shared)


def _links(call: Call, group: Group) -> Iterator[dict[str, str]]:
    """Those of its rules, then the guidelines that the leading rule rests on; the detail names those of all."""
    written = [link for firing in group.firings for link in card_of(firing).links]
    links: dict[str, Link] = {}
    for link in (*written, *_guidelines(call, group.firings[0])):
        links.setdefault(link.url, link)
    for link in links.values():
        context = {"appContext": link.app_context} if link.app_context else {}
        yield {"label": link.label, "url": link.url, "type": link.type, **context}


def _guidelines(call: Call, firing: Firing) -> Iterator[Link]:
    sources = call.ruleset(firing).about.sources
    for evidence in firing.rule.evidence:
        source = sources[evidence.source]
        if source.url:
            yield Link(source.label, source.url)
