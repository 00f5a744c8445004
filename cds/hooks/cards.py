"""A card as it is sent: its words, its suggestions and links, why it is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cds.clinical import Coding
from cds.hooks.call import Call
from cds.hooks.detail import bullets, detail, evidence_references
from cds.hooks.groups import Group, card_of
from cds.hooks.overrides import POINT_OF_CARE
from cds.hooks.suggestions import one_recommended, suggestions
from cds.hooks.wording import authored, escaped, filled_within
from cds.outcome import Firing
from cds.ruleset.limits import SUMMARY_LENGTH

RULES = "org.example.cds.rules"  # extension: the rules of a card, ``id@version``


def written(call: Call, group: Group, folded: Sequence[Group] = ()) -> dict[str, Any]:
    """The card of a group; ``folded``: those without room, which it names."""
    leading, card = group.firings[0], group.card
    offered, refused = suggestions(call, group.firings, evidence_references(call, group.firings))
    if card.selection == "at-most-one":
        offered = one_recommended(offered)
    remarks = (_also(call, group), _not_offered(refused), _not_shown(call, folded))
    members = {
        "uuid": call.new_id(),
        "summary": summary(call, leading),
        "detail": detail(call, group.firings, remarks),
        "indicator": card.indicator,
        "source": _source(call, leading),
        "suggestions": offered,
        "selectionBehavior": card.selection if offered else None,
        "overrideReasons": [reason._asdict() for reason in _override_reasons(group)],
        "links": list(_links(group)),
        "extension": {RULES: list(group.rules)},
    }
    return {name: value for name, value in members.items() if value}


def summary(call: Call, firing: Firing) -> str:
    """Plain text; EHRs do not render Markdown here."""
    return filled_within(card_of(firing).summary, lambda name: call.words_for(name, firing), SUMMARY_LENGTH)


def _also(call: Call, group: Group) -> str:
    lines = [
        f"{f'{card_of(firing).tier}: ' if card_of(firing).tier else ''}{escaped(summary(call, firing))}"
        for firing in group.firings[1:]
    ]
    return f"**Also**\n\n{bullets(lines)}" if lines else ""


def _not_offered(refused: Sequence[str]) -> str:
    return f"**Not offered**\n\n{bullets(map(authored, refused))}" if refused else ""


def _not_shown(call: Call, folded: Sequence[Group]) -> str:
    lines = [f"{escaped(summary(call, group.firings[0]))} ({authored(group.rules[0])})" for group in folded]
    return f"**Not shown, to keep the list short**\n\n{bullets(lines)}" if lines else ""


def _source(call: Call, firing: Firing) -> dict[str, Any]:
    """The first source of the rule; the topic says which rule it was."""
    ruleset = call.ruleset(firing)
    source = ruleset.about.sources[firing.rule.evidence[0].source]
    topic = {"system": ruleset.url, "code": firing.rule.topic or firing.rule.id, "display": firing.rule.title}
    return {"label": source.label, **({"url": source.url} if source.url else {}), "topic": topic}


def _override_reasons(group: Group) -> Iterator[Coding]:
    """Those the rules name, in order, each once; without any, HL7's for every card but an informative one."""
    named = dict.fromkeys(reason for firing in group.firings for reason in card_of(firing).override)
    yield from named or (() if group.card.indicator == "info" else POINT_OF_CARE)


def _links(group: Group) -> Iterator[dict[str, str]]:
    links = {link.url: link for firing in reversed(group.firings) for link in reversed(card_of(firing).links)}
    for link in reversed(links.values()):
        context = {"appContext": link.app_context} if link.app_context else {}
        yield {"label": link.label, "url": link.url, "type": link.type, **context}
