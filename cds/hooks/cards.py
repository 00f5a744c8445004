"""An outcome as the cards of a response: merged, ordered, within the budget, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cds.clinical import Coding
from cds.hooks.call import Call
from cds.hooks.detail import bullets, detail, evidence_references, rule_reference
from cds.hooks.overrides import POINT_OF_CARE
from cds.hooks.suggestions import one_recommended, suggestions
from cds.hooks.wording import authored, escaped, filled_within
from cds.outcome import Firing
from cds.ruleset.advice import Card
from cds.ruleset.limits import SUMMARY_LENGTH

RULES = "org.example.cds.rules"  # extension: the rules of a card, ``id@version``


@dataclass(frozen=True, slots=True)
class _Shown:
    """The firings that make up one card; the first leads."""

    firings: tuple[Firing, ...]

    @property
    def card(self) -> Card:
        return _card(self.firings[0])


def cards(call: Call, limit: int) -> list[dict[str, Any]]:
    """At most ``limit`` cards, more only when more are critical; those left out are named in the last one."""
    groups = _merged(call.outcome.recommendations)
    critical = sum(group.card.indicator == "critical" for group in groups)
    shown, dropped = groups[: max(limit, critical)], groups[max(limit, critical) :]
    return [_written(call, group, dropped if group is shown[-1] else ()) for group in shown]


def summary(call: Call, firing: Firing) -> str:
    """Plain text; EHRs do not render Markdown here."""
    return filled_within(_card(firing).summary, lambda name: call.words_for(name, firing), SUMMARY_LENGTH)


def _card(firing: Firing) -> Card:
    assert firing.rule.card is not None
    return firing.rule.card


def _merged(recommendations: Iterable[Firing]) -> list[_Shown]:
    """In the order of the outcome, most urgent first, so that the most urgent of a merge group leads it."""
    groups: dict[object, tuple[Firing, ...]] = {}
    for firing in recommendations:
        key = _card(firing).merge or (firing.rule.id, firing.item)
        groups[key] = (*groups.get(key, ()), firing)
    return list(map(_Shown, groups.values()))


def _written(call: Call, group: _Shown, dropped: Sequence[_Shown]) -> dict[str, Any]:
    leading, card = group.firings[0], group.card
    offered, refused = suggestions(call, group.firings, evidence_references(call, group.firings))
    if card.selection == "at-most-one":
        offered = one_recommended(offered)
    remarks = (_also(call, group), _not_offered(refused), _not_shown(call, dropped))
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
        "extension": {RULES: [rule_reference(firing) for firing in group.firings]},
    }
    return {name: value for name, value in members.items() if value}


def _also(call: Call, group: _Shown) -> str:
    lines = [
        f"{f'{_card(firing).tier}: ' if _card(firing).tier else ''}{escaped(summary(call, firing))}"
        for firing in group.firings[1:]
    ]
    return f"**Also**\n\n{bullets(lines)}" if lines else ""


def _not_offered(refused: Sequence[str]) -> str:
    return f"**Not offered**\n\n{bullets(map(authored, refused))}" if refused else ""


def _not_shown(call: Call, dropped: Sequence[_Shown]) -> str:
    lines = [
        f"{escaped(summary(call, group.firings[0]))} ({authored(rule_reference(group.firings[0]))})"
        for group in dropped
    ]
    return f"**Not shown, to keep the list short**\n\n{bullets(lines)}" if lines else ""


def _source(call: Call, firing: Firing) -> dict[str, Any]:
    """The first source of the rule; the topic says which rule it was."""
    ruleset = call.ruleset(firing)
    source = ruleset.about.sources[firing.rule.evidence[0].source]
    topic = {"system": ruleset.url, "code": firing.rule.topic or firing.rule.id, "display": firing.rule.title}
    return {"label": source.label, **({"url": source.url} if source.url else {}), "topic": topic}


def _override_reasons(group: _Shown) -> Iterator[Coding]:
    """Those the rules name, in order, each once; without any, HL7's for every card but an informative one."""
    named = dict.fromkeys(reason for firing in group.firings for reason in _card(firing).override)
    yield from named or (() if group.card.indicator == "info" else POINT_OF_CARE)


def _links(group: _Shown) -> Iterator[dict[str, str]]:
    links = {link.url: link for firing in reversed(group.firings) for link in reversed(_card(firing).links)}
    for link in reversed(links.values()):
        context = {"appContext": link.app_context} if link.app_context else {}
        yield {"label": link.label, "url": link.url, "type": link.type, **context}
