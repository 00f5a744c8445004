"""The rules of a ruleset in plain words: what has to hold, what keeps it silent, what it shows and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from cds.monograph import places
from cds.monograph.inputs import duration
from cds.monograph.logic import Card, Clause, Conclusion, Count, Evidence, Link, Reference, Remark, Rule, Suggestion
from cds.monograph.scope import Subject, spoken
from cds.monograph.sentences import clause, meaning, silencer
from cds.ruleset import advice, model
from cds.ruleset.asked import tests_of
from cds.ruleset.kinds import KINDS
from cds.ruleset.placeholders import BRACES, DAY

_NOTHING = Reference(name="")
_DOES = {"create": "writes a new request", "update": "changes the order", "delete": "takes the order back"}
_UNLESS = ("unless", "without")


def rules(subject: Subject) -> tuple[Rule, ...]:
    waiting = silenced_by_conclusions(subject)
    merged = _merged(subject)
    return tuple(_rule(rule, subject, waiting, merged) for rule in subject.ruleset.rules)


def silenced_by_conclusions(subject: Subject) -> Mapping[str, tuple[Reference, ...]]:
    """By conclusion, the rules of any ruleset that stay silent while it is drawn."""
    found: dict[str, dict[str, Reference]] = defaultdict(dict)
    for rule in all_rules(subject):
        for condition in rule.when:
            if isinstance(condition, model.Test) and condition.relation in _UNLESS:
                found[condition.subject][rule.id] = subject.rule(rule)
    return {name: tuple(references.values()) for name, references in found.items()}


def all_rules(subject: Subject) -> Iterator[model.Rule]:
    """Also those of the rulesets that use this one."""
    for ruleset in subject.knowledge.rulesets.values():
        yield from ruleset.rules


def _merged(subject: Subject) -> Mapping[str, tuple[model.Rule, ...]]:
    found: dict[str, list[model.Rule]] = defaultdict(list)
    for rule in all_rules(subject):
        if rule.card and rule.card.merge:
            found[rule.card.merge].append(rule)
    return {name: tuple(members) for name, members in found.items()}


def _rule(
    rule: model.Rule,
    subject: Subject,
    silenced: Mapping[str, tuple[Reference, ...]],
    merged: Mapping[str, tuple[model.Rule, ...]],
) -> Rule:
    silencers = [one for one in rule.when if isinstance(one, model.Test) and one.relation == "unless"]
    needed = [one for one in rule.when if one not in silencers]
    companions = merged.get(rule.card.merge, ()) if rule.card else ()
    return Rule(
        id=rule.id,
        anchor=places.anchor("rule", rule.id),
        title=rule.title,
        topic=rule.topic,
        each=subject.specs[rule.each].title if rule.each else "",
        when=tuple(clause(one, subject) for one in needed),
        unless=tuple(silencer(one, subject) for one in silencers),
        concludes=subject.conclusion(rule.conclude) if rule.conclude else _NOTHING,
        silences=silenced.get(rule.conclude, ()) if rule.conclude else (),
        card=_card(rule.card, rule, subject, companions) if rule.card else None,
        hooks=tuple(sorted(rule.hooks)),
        system_actions=tuple(action.description for action in rule.system),
        evidence=tuple(_evidence(rule, subject)),
        replaces=rule.replaces,
        as_written=f"{rule.place.file}:{rule.place.line}",
    )


def _evidence(rule: model.Rule, subject: Subject) -> Iterator[Evidence]:
    for one in rule.evidence:
        source = subject.ruleset.about.sources[one.source]
        named = Reference(name=source.label, to=f"#{places.anchor('source', one.source)}")
        yield Evidence(source=named, strength=one.strength, certainty=one.certainty, note=one.note)


# Cards


def _card(card: advice.Card, rule: model.Rule, subject: Subject, companions: tuple[model.Rule, ...]) -> Card:
    own = [one for one in companions if one.ruleset == rule.ruleset and one.id != rule.id]
    return Card(
        indicator=card.indicator,
        tier=card.tier,
        summary=_readable(card.summary, subject),
        detail=_readable(card.detail, subject).strip(),
        remarks=tuple(
            Remark(when=_named(one.subject, subject), text=_readable(one.text, subject).strip()) for one in card.remarks
        ),
        suggestions=tuple(_suggestion(one, subject) for one in card.suggest),
        links=tuple(Link(label=one.label, url=one.url) for one in card.links),
        override_reasons=tuple(reason.display for reason in card.override),
        quiet=_quiet(card),
        one_card_with=tuple(subject.rule(one) for one in own),
        and_of_others=sum(one.ruleset != rule.ruleset for one in companions),
    )


def _quiet(card: advice.Card) -> str:
    if not card.quiet:
        return "never kept back"
    return f"kept back for {duration(card.quiet)} from a user who has answered it, while it rests on the same data"


def _suggestion(one: advice.Suggestion, subject: Subject) -> Suggestion:
    offered = [f"while {_named(one.when, subject)}"] if one.when else []
    offered += [f"unless {_named(one.unless, subject)}"] if one.unless else []
    return Suggestion(
        label=_readable(one.label, subject),
        recommended=one.recommended,
        actions=tuple(_action(action, one.label, subject) for action in one.actions),
        offered=", ".join(offered),
    )


def _action(action: advice.Action, label: str, subject: Subject) -> str:
    does = _DOES[action.type]
    return does if action.description == label else f"{does}: {_readable(action.description, subject)}"


def _named(name: str, subject: Subject) -> str:
    """What holds when a remark is said or a suggestion offered."""
    if name in subject.specs:
        return f"“{subject.specs[name].title}” is present"
    return f"“{spoken(name)}” is concluded"


def _readable(text: str, subject: Subject) -> str:
    """With the titles of what is filled in for a patient."""
    return BRACES.sub(lambda match: f"‹{_placeholder(match[1], subject)}›" if match[1] else match[0], text)


def _placeholder(inside: str, subject: Subject) -> str:
    if day := DAY.fullmatch(inside):
        fact = subject.specs.get(day["fact"] or "")
        return f"{fact.title}, {day['event']} {day['days']} days" if fact else inside.replace("today", "today ").strip()
    name, _, attribute = inside.partition(".")
    if name not in subject.specs:
        return spoken(name)
    spec = subject.specs[name]
    if not attribute or attribute == "value":
        return spec.title
    return f"{spec.title}: {meaning(KINDS[spec.kind].attributes[attribute])}"


# Conclusions and counts


def conclusions(subject: Subject) -> Iterator[Conclusion]:
    """What the ruleset concludes: by which rules, and who asks for it, in whatever ruleset."""
    silenced = silenced_by_conclusions(subject)
    asking: dict[str, dict[str, Reference]] = defaultdict(dict)
    for rule in all_rules(subject):
        for test in tests_of(rule, _counts(subject, rule)):
            asking[test.subject][rule.id] = subject.rule(rule)
    for name in dict.fromkeys(rule.conclude for rule in subject.ruleset.rules if rule.conclude):
        quiet = silenced.get(name, ())
        yield Conclusion(
            name=spoken(name),
            anchor=places.anchor("conclusion", name),
            drawn_by=tuple(subject.rule(rule) for rule in subject.drawers[name]),
            asked_by=tuple(one for one in asking[name].values() if one not in quiet),
            keeps_silent=quiet,
        )


def _counts(subject: Subject, rule: model.Rule) -> Mapping[str, model.Count]:
    """Of a rule of another ruleset, its own: two may call theirs alike."""
    own = subject.knowledge.rulesets[rule.ruleset].counts
    return {**subject.counts, **own}


def counts(subject: Subject) -> Iterator[Count]:
    for name, count in subject.ruleset.counts.items():
        if subject.is_named(name):
            parts: list[Clause] = [clause(test, subject, worth) for test, worth in count.worth]
            yield Count(name=spoken(name), anchor=places.anchor("count", name), parts=tuple(parts))
