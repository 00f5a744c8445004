"""Golden cards: beside a tests.yaml, what each card of the ruleset looks like in the first case that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from cds.errors import InputError, RulesetError
from cds.ruleset.cases import Case
from cds.ruleset.document import Unreadable, entries_of
from cds.ruleset.model import Ruleset

GOLDEN = "cards.yaml"

Look: TypeAlias = Mapping[str, Any]
"""What a card looks like, as YAML has it, with the name of the ``case``. What a card does not say is left out."""

Looks: TypeAlias = Mapping[str, Look]
"""By rule."""

_HEAD = """\
# What every card of this ruleset looks like, each in the first case that shows it.
# Written by `cds test --golden`: read what changed before you commit it.
"""


def golden_of(folder: Path, ruleset: str) -> Looks:
    """What is written down of a ruleset; nothing when nobody has had it written.

    Raises ``RulesetError`` or ``InputError`` when that cannot be read.
    """
    for file in folder.glob(f"*/{ruleset}/{GOLDEN}"):
        try:
            root = entries_of(file, str(file))
        except Unreadable as error:
            raise RulesetError(error.problems) from error
        cards = root.get("cards")
        if not isinstance(cards, Mapping) or not all(isinstance(one, Mapping) for one in cards.values()):
            raise InputError(f"{file}: must contain cards by their rules; write it anew with cds test --golden")
        return cards
    return {}


def gaps(looks: Looks, ruleset: Ruleset, cases: Iterable[Case]) -> Iterator[str]:
    """What has to be written anew, known from the lists of the cases: ``cases`` are all of the ruleset."""
    own = {rule.id for rule in ruleset.rules}
    listing: dict[str, list[str]] = {}
    for case in cases:
        for rule in (case.cards | case.system) & own:
            listing.setdefault(rule, []).append(case.name)
    for rule in sorted(listing.keys() | looks.keys()):
        if rule not in looks:
            yield f'card {rule}: shown by the case "{listing[rule][0]}", and not in {GOLDEN}'
        elif looks[rule].get("case") not in listing.get(rule, ()):
            yield f'card {rule}: no case "{looks[rule].get("case")}" shows it'


def written(ruleset: str, looks: Looks) -> str:
    """The file. Rules stand in the order of their ids, texts of several lines as they are."""
    text = yaml.dump(
        {"ruleset": ruleset, "cards": {rule: dict(looks[rule]) for rule in sorted(looks)}},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=10_000,
    )
    return _HEAD + text


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - declared so by PyYAML
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Lists stand further in than the key they belong to."""
        super().increase_indent(flow, False)


def _row(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    """Names and codes stand in one line."""
    short = all(isinstance(one, str) and " " not in one for one in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=short)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _row)
