"""One ruleset at a time with those it uses, as a site with its own parameters would have it: for trying many values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cds.ruleset.cards import Cards
from cds.ruleset.drafts import Draft, scopes_of
from cds.ruleset.load import Loading, override_reasons, ruleset_of
from cds.ruleset.model import Knowledge, Ruleset
from cds.ruleset.scope import Scope
from cds.ruleset.services import quiet_of
from cds.ruleset.site import Overrides, fingerprint
from cds.ruleset.valuesets import Codebook


class Parts:
    """A folder that is known to be sound. What its rulesets share is read once, a ruleset for each set of values."""

    def __init__(self, folder: Path) -> None:
        """Raises ``RulesetError`` for what they share."""
        reading = Loading(folder)
        self._folder = folder
        self._codebook = Codebook(reading.valueset_names())
        self._valuesets = reading.valuesets(self._codebook)
        self._ingredients = reading.ingredients()
        self._reasons, self._quiet = override_reasons(self._valuesets), quiet_of(reading.offered())
        self._unchanged: dict[Path, Draft] = {}
        self._usual: dict[str, Ruleset] = {}
        reading.raise_problems()

    def part(self, ruleset: str, parameters: Overrides) -> Knowledge:
        """Without services and questionnaires. Raises ``RulesetError`` as ``load`` does."""
        reading = Loading(self._folder)
        drafts = {draft.id: draft for draft in self._used_by(ruleset, parameters, reading)}
        reading.refuse_strangers(parameters, drafts)
        scopes = scopes_of(drafts, reading.note)
        reading.raise_problems()
        rulesets = {name: self._ruleset(draft, drafts, scopes[name], parameters) for name, draft in drafts.items()}
        return Knowledge(rulesets, self._valuesets, self._ingredients, (), fingerprint(self._folder, parameters))

    def _ruleset(self, draft: Draft, drafts: Mapping[str, Draft], scope: Scope, parameters: Overrides) -> Ruleset:
        """Read again only if it, or one that it uses, has parameters other than usual."""
        if parameters.keys().isdisjoint(_used(draft.id, drafts)):
            if draft.id not in self._usual:
                self._usual[draft.id] = self._read(draft, scope)
            return self._usual[draft.id]
        return self._read(draft, scope)

    def _read(self, draft: Draft, scope: Scope) -> Ruleset:
        reading = Loading(self._folder)
        rules = reading.rules(draft, scope, Cards(draft.folder, self._reasons, self._quiet, reading.note))
        reading.raise_problems()
        return ruleset_of(draft, *rules)

    def _used_by(self, ruleset: str, parameters: Overrides, reading: Loading) -> Iterator[Draft]:
        names = [ruleset]
        for name in names:
            for path in self._folder.glob(f"*/{name}/ruleset.yaml"):
                draft = self._draft(path, parameters, reading)
                names.extend(used for used in draft.uses if used not in names)
                yield draft

    def _draft(self, path: Path, parameters: Overrides, reading: Loading) -> Draft:
        if path.parent.name in parameters:
            return reading.draft(path, self._codebook, parameters)
        if path not in self._unchanged:
            self._unchanged[path] = reading.draft(path, self._codebook, {})
        return self._unchanged[path]


def _used(name: str, drafts: Mapping[str, Draft]) -> list[str]:
    """The ruleset and those it uses, directly or not."""
    names = [name]
    for one in names:
        names.extend(used for used in drafts[one].uses if used not in names)
    return names
