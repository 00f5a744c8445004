"""The card of a rule: its texts, suggestions, links and reasons to override it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cds.clinical import Coding
from cds.ruleset.advice import Action, Card, Link, Remark, Suggestion
from cds.ruleset.amounts import quiet_days
from cds.ruleset.document import Entries, Items, Spot
from cds.ruleset.limits import LABEL_LENGTH, SUMMARY_LENGTH
from cds.ruleset.names import listed, unknown
from cds.ruleset.placeholders import BRACES, DAY, days_in
from cds.ruleset.scope import Scope, attributes_of, no_attribute, speaks_of_one
from cds.ruleset.templates import TemplateError, holds_null, template
from cds.ruleset.valuesets import Note

_ACTIONS = ("create", "update", "delete")


@dataclass(frozen=True, slots=True)
class Cards:
    """Reads the cards of one ruleset."""

    folder: Path
    overrides: Mapping[str, Coding]  # the codes of the value sets of override reasons
    quiet: Mapping[str, float]  # by indicator: for how many days a card is kept back that does not say so itself
    note: Note
    _templates: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # those read, many of them for several cards

    def card(self, written: Entries, each: str, scope: Scope) -> Card:
        self._check_summary(written, each, scope)
        if "detail" in written:
            self._check_placeholders(written["detail"], written.at("detail"), each, scope)
        return Card(
            indicator=written["indicator"],
            summary=written["summary"],
            detail=written.get("detail", ""),
            tier=written.get("tier", ""),
            merge=written.get("merge", ""),
            suggest=tuple(self._suggestion(one, each, scope) for one in written.get("suggest", ())),
            selection=written.get("selection", "any"),
            offer_at_most=written.get("offer_at_most"),
            remarks=tuple(self._remark(one, each, scope) for one in written.get("remarks", ())),
            links=tuple(self._link(one) for one in written.get("links", ())),
            override=tuple(self._overrides(written)),
            quiet=self._quiet(written),
            opposes=tuple(written.get("opposes", ())),
        )

    def _quiet(self, written: Entries) -> float:
        indicator = written["indicator"]
        if "quiet" not in written:
            return self.quiet.get(indicator, 0.0)
        days = quiet_days(written["quiet"]) or 0.0
        if indicator == "critical" and days:
            self.note(written.at("quiet"), "a critical card is never quiet: leave `quiet` out, or set it to none")
        return days

    def _check_summary(self, written: Entries, each: str, scope: Scope) -> None:
        spot = written.at("summary")
        summary = written["summary"].strip()
        self._check_placeholders(summary, spot, each, scope)
        fixed = len(BRACES.sub("", summary))
        if fixed > SUMMARY_LENGTH:
            self.note(
                spot, f"the summary has {fixed} characters without its placeholders; the limit is {SUMMARY_LENGTH}"
            )
        if "\n" in summary:
            self.note(spot, "the summary must be one line")

    def _check_placeholders(self, text: str, spot: Spot, each: str, scope: Scope) -> None:
        for match in BRACES.finditer(text):
            if match[1] is None:
                self.note(spot, f'a single "{match[0]}": braces are for placeholders, such as {{egfr}}')
            elif message := _placeholder(match[1], each, scope):
                self.note(spot, message)

    def _remark(self, written: Entries, each: str, scope: Scope) -> Remark:
        self._check_placeholders(written["say"], written.at("say"), each, scope)
        return Remark(self._subject(written, "when", scope), written["say"])

    def _subject(self, written: Entries, key: str, scope: Scope) -> str:
        """What a remark or a suggestion depends on; "" when nothing."""
        subject: str = written.get(key, "")
        known = [*scope.facts, *scope.conclusions]
        if subject and subject not in known and not scope.lets_pass(subject):
            self.note(written.at(key), unknown("fact or conclusion", subject, known))
        return subject

    def _suggestion(self, written: Entries, each: str, scope: Scope) -> Suggestion:
        if len(written["label"]) > LABEL_LENGTH:
            self.note(written.at("label"), f"the label of a suggestion may have at most {LABEL_LENGTH} characters")
        if "actions" in written:
            self._check_alone(written, [*_ACTIONS])
            actions = tuple(self._action(one, one["description"], each, scope) for one in written["actions"])
        else:
            actions = (self._action(written, written["label"], each, scope),)
        return Suggestion(
            written["label"],
            actions,
            written.get("recommended", False),
            when=self._subject(written, "when", scope),
            unless=self._subject(written, "unless", scope),
        )

    def _check_alone(self, written: Entries, others: Collection[str]) -> None:
        for key in written.keys() & set(others):
            self.note(written.at(key), f'"{key}" next to "actions": move it into "actions"')

    def _action(self, written: Entries, description: str, each: str, scope: Scope) -> Action:
        verbs = [verb for verb in _ACTIONS if verb in written]
        if len(verbs) != 1:
            self.note(
                written.spot, f"a suggestion needs exactly one of {listed(_ACTIONS)}; list several under `actions`"
            )
            return Action("create", description)
        verb = verbs[0]
        spot = written.at(verb)
        if verb != "create" and not each:
            self.note(spot, f'"{verb}" changes the order of `each`, but this rule has no `each`')
        if verb == "delete":
            return Action("delete", description)
        found = self._template(written[verb], verb, spot)
        for placeholder, _ in days_in(found or {}):
            if message := _placeholder(placeholder, each, scope):
                self.note(spot, message)
        return Action("create" if verb == "create" else "update", description, found)

    def system(self, written: Entries, each: str) -> Action:
        """What is added to an order without anybody being asked: nothing the order says is taken away."""
        spot = written.at("update")
        if not each:
            self.note(spot, "a system action changes the order of `each`, but this rule has no `each`")
        found = self._template(written["update"], "update", spot)
        if found is not None and holds_null(found):
            self.note(
                spot, f'"{written["update"]}" contains null: a system action cannot remove anything from an order'
            )
        for placeholder, _ in days_in(found or {}):
            self.note(spot, f"{{{placeholder}}}: a system action cannot use a fact")
        return Action("update", written["description"], found)

    def _template(self, name: str, verb: str, spot: Spot) -> Mapping[str, Any] | None:
        try:
            found = self._templates.get(name) or template(self.folder, name)
        except TemplateError as error:
            self.note(spot, str(error))
            return None
        self._templates[name] = found
        if verb == "create" and not isinstance(found.get("resourceType"), str):
            self.note(spot, f'"{name}" has no resourceType')
        return found

    def _link(self, written: Entries) -> Link:
        kind = written.get("type", "absolute")
        if "app_context" in written and kind != "smart":
            self.note(written.at("app_context"), "`app_context` is only for links of type smart")
        return Link(written["label"], written["url"], kind, written.get("app_context", ""))

    def _overrides(self, written: Entries) -> Iterator[Coding]:
        codes = written.get("override", Items((), written.spot, ()))
        for code, spot in codes.placed():
            if code in self.overrides:
                yield self.overrides[code]
            else:
                self.note(spot, unknown("override reason", code, self.overrides))


def _placeholder(written: str, each: str, scope: Scope) -> str:
    """What is wrong with a placeholder, or nothing."""
    if day := DAY.fullmatch(written):
        return _placeholder(f"{day['fact']}.{day['event']}_days", each, scope) if day["fact"] else ""
    name, dot, attribute = written.partition(".")
    if name in scope.counts and not dot:
        return ""
    if name in scope.conclusions:
        return f"{{{written}}} is a conclusion; a placeholder must name a fact or a count"
    spec = scope.facts.get(name)
    if spec is None and scope.lets_pass(name):
        return ""
    if spec is None:
        return f"{{{written}}}: {unknown('fact or count', name, [*scope.facts, *scope.counts])}"
    if dot and attribute not in attributes_of(spec):
        return f"{{{written}}}: {no_attribute(spec, attribute)}"
    if dot and not speaks_of_one(spec, each, scope):
        return f'{{{written}}}: "{name}" can be present several times: use `each: {name}`'
    return ""
