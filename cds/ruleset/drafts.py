"""Rulesets half read: their shape is judged and their facts are known, so that the rules of all of them can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cds.errors import Problem
from cds.ruleset import schema
from cds.ruleset.document import Entries, Items, Spot
from cds.ruleset.expand import expanded, settings_of
from cds.ruleset.model import FactSpec, Setting
from cds.ruleset.names import unknown
from cds.ruleset.questions import fact_of, facts_named_by
from cds.ruleset.schema import Misshapen
from cds.ruleset.scope import Scope, union
from cds.ruleset.valuesets import Codebook, Note


@dataclass(frozen=True, slots=True)
class Draft:
    """``root`` holds only what is well-shaped; ``own`` knows the names of the rest as broken."""

    id: str
    folder: Path
    root: Entries
    facts: Mapping[str, FactSpec]
    own: Scope
    settings: tuple[Setting, ...] = ()

    @property
    def uses(self) -> tuple[str, ...]:
        return tuple(self.root.get("uses", ()))


def unread(path: Path, file: str) -> Draft:
    """A ruleset whose file is not YAML: whatever others ask of it is let pass."""
    empty = Entries({}, Spot(file, 1), {})
    return Draft(path.parent.name, path.parent, empty, {}, Scope({}, frozenset(), {}, opaque=True))


def draft_of(
    path: Path, root: Entries, settings: Mapping[str, Any], codebook: Codebook, note: Note
) -> tuple[Draft, tuple[Problem, ...]]:
    """The ruleset of a file, with the problems of its tables and of its shape; those of its facts are noted."""
    name = path.parent.name
    written, problems = expanded(root, _located(settings))
    misshapen = schema.of_ruleset(written)
    if isinstance(written.get("ruleset"), str) and written["ruleset"] != name:
        note(
            written.at("ruleset"),
            f'ruleset "{written["ruleset"]}" is in a folder named "{name}"; both must have the same name',
        )
    sound = _sound(written, misshapen)
    opaque = bool(problems) or any(part in written and part not in sound for part in ("facts", "rules"))
    if opaque:
        sound = _without(sound, "rules")
    found = {key: fact_of(key, one, name, codebook, note) for key, one in sound.get("facts", {}).items()}
    facts = {key: spec for key, spec in found.items() if spec is not None}
    broken = frozenset(_names(written)) - facts.keys() - frozenset(_names(_without(sound, "facts")))
    own = Scope(facts, frozenset(_counts(sound)), _conclusions(sound), broken, opaque)
    _check_names(sound, note)
    draft = Draft(name, path.parent, sound, facts, own, settings_of(root, settings))
    return draft, (*problems, *(one.problem for one in misshapen))


def _located(settings: Mapping[str, Any]) -> Entries:
    return settings if isinstance(settings, Entries) else Entries(settings, Spot("parameters", 1), {})


def _sound(root: Entries, misshapen: Iterable[Misshapen]) -> Entries:
    """The ruleset without the facts, rules and other parts that have not the right shape."""
    paths = [one.path for one in misshapen]
    wrong = {path[0] for path in paths if path and (path[0] not in ("facts", "rules") or len(path) == 1)}
    facts = {path[1] for path in paths if path[0] == "facts" and len(path) > 1}
    rules = {path[1] for path in paths if path[0] == "rules" and len(path) > 1}
    kept = {key: value for key, value in root.items() if key not in wrong}
    if "facts" in kept:
        left = {name: one for name, one in kept["facts"].items() if name not in facts}
        kept["facts"] = Entries(left, kept["facts"].spot, kept["facts"].lines)
    if "rules" in kept:
        placed = [pair for index, pair in enumerate(kept["rules"].placed()) if index not in rules]
        kept["rules"] = Items([one for one, _ in placed], kept["rules"].spot, [spot.line for _, spot in placed])
    return Entries(kept, root.spot, root.lines)


def _without(root: Entries, part: str) -> Entries:
    return Entries({key: value for key, value in root.items() if key != part}, root.spot, root.lines)


def _rules(root: Entries) -> Iterator[Entries]:
    rules = root.get("rules")
    return (rule for rule in rules if isinstance(rule, Entries)) if isinstance(rules, Items) else iter(())


def _names(root: Entries) -> Iterator[str]:
    """Every name that the ruleset defines, well or not."""
    facts = root.get("facts")
    yield from facts if isinstance(facts, Entries) else ()
    for rule in _rules(root):
        yield from (rule[key] for key in ("count", "conclude") if isinstance(rule.get(key), str))


def _counts(root: Entries) -> Iterator[str]:
    return (rule["count"] for rule in _rules(root) if "count" in rule)


def _conclusions(root: Entries) -> dict[str, str]:
    return {rule["conclude"]: rule.get("each", "") for rule in _rules(root) if "conclude" in rule}


def _check_names(root: Entries, note: Note) -> None:
    """One name, one thing. Several rules may draw one conclusion."""
    what = dict.fromkeys(root.get("facts", {}), "fact")
    ids: dict[str, int] = {}
    for rule in _rules(root):
        for key, kind in (("count", "count"), ("conclude", "conclusion")):
            name = rule.get(key)
            if name in what and (what[name], kind) != ("conclusion", "conclusion"):
                note(rule.at(key), f'"{name}" is already the name of a {what[name]}')
            elif name is not None:
                what[name] = kind
        if rule.get("id") in ids:
            note(rule.at("id"), f'the rule id "{rule["id"]}" is already defined in line {ids[rule["id"]]}')
        elif "id" in rule:
            ids[rule["id"]] = rule.at("id").line


def scopes_of(drafts: Mapping[str, Draft], note: Note) -> dict[str, Scope]:
    """What each ruleset can speak of: its own names, and those of what it uses, directly or not."""
    for draft in drafts.values():
        for name, spot in draft.root.get("uses", Items((), draft.root.spot, ())).placed():
            if name not in drafts:
                note(spot, unknown("ruleset", name, drafts))
    scopes = {name: _scope(name, drafts) for name in drafts}
    for draft in drafts.values():
        _check_built_on(draft, scopes[draft.id], note)
    return scopes


def _scope(name: str, drafts: Mapping[str, Draft]) -> Scope:
    names = [name]
    for one in names:
        names.extend(used for used in drafts[one].uses if used in drafts and used not in names)
    missing = any(used not in drafts for one in names for used in drafts[one].uses)
    reached = union(drafts[one].own for one in names)
    return replace(reached, opaque=reached.opaque or missing)


def _check_built_on(draft: Draft, scope: Scope, note: Note) -> None:
    for spec in draft.facts.values():
        for key, name in facts_named_by(spec):
            if name not in scope.facts and not scope.lets_pass(name):
                note(draft.root["facts"][spec.name].at(key), unknown("fact", name, scope.facts))
