"""Loading the folder of rulesets: every file read, every problem found, all told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cds.clinical import Coding
from cds.errors import InputError, Problem, RulesetError
from cds.ruleset import check, schema
from cds.ruleset.cards import Cards
from cds.ruleset.document import Entries, Spot, Unreadable, parsed
from cds.ruleset.drafts import Draft, draft_of, scopes_of, unread
from cds.ruleset.files import Refused, content
from cds.ruleset.forms import AnswerList, Form, Forms
from cds.ruleset.lasting import lasting
from cds.ruleset.local_codes import asked_for
from cds.ruleset.model import Count, Knowledge, Place, Rule, Ruleset, ValueSet
from cds.ruleset.names import unknown
from cds.ruleset.questionnaires import ANSWERS, answers_of, form_of
from cds.ruleset.relations import Relations, half_asked, relations_of
from cds.ruleset.rules import Rules, about_of
from cds.ruleset.schema import Misshapen
from cds.ruleset.scope import Scope
from cds.ruleset.services import Services, quiet_of
from cds.ruleset.site import Overrides, fingerprint
from cds.ruleset.valuesets import Codebook, ingredients_of, valueset_of

OVERRIDES = "-override-reason"
"""What the names of value sets of override reasons end in."""

_NO_SETS = ("ingredients", "relations")
"""Files of the folder valuesets/ that are no value sets."""


@lasting()
def load(folder: Path, parameters: Overrides | None = None) -> Knowledge:
    """Everything in the folder. Raises ``RulesetError`` with every problem of every file, ``InputError`` without it."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder of rulesets")
    return Loading(folder).knowledge(parameters or {})


class Loading:
    """One reading of the folder; collects the problems."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def note(self, spot: Spot, message: str) -> None:
        self.problems.append(spot.problem(message))

    def name(self, path: Path) -> str:
        """The path as it is told: with the name of the folder, without what is above it."""
        return f"{self.folder.name}/{path.relative_to(self.folder).as_posix()}"

    def knowledge(self, parameters: Overrides) -> Knowledge:
        codebook = Codebook(self.valueset_names())
        valuesets = self.valuesets(codebook)
        ingredients = self.ingredients()
        relations = self._relations(valuesets)
        drafts = self._drafts(codebook, parameters)
        scopes = scopes_of(drafts, self.note)
        offered = self.offered()
        reasons, quiet = override_reasons(valuesets), quiet_of(offered)
        rules = {
            name: self.rules(draft, scopes[name], Cards(draft.folder, reasons, quiet, self.note))
            for name, draft in drafts.items()
        }
        services = Services(offered, drafts, self.note).all() if offered else ()
        self.raise_problems()
        rulesets = {name: ruleset_of(draft, *rules[name]) for name, draft in drafts.items()}
        self.problems.extend(check.problems(rulesets, services))
        self.problems.extend(half_asked(relations, rulesets, valuesets))
        forms = self._forms(asked_for((spec for draft in drafts.values() for spec in draft.facts.values()), valuesets))
        self.raise_problems()
        return Knowledge(rulesets, valuesets, ingredients, services, fingerprint(self.folder, parameters), forms)

    def raise_problems(self) -> None:
        if self.problems:
            raise RulesetError(tuple(sorted(set(self.problems))))

    def _read(self, path: Path) -> Entries | None:
        name = self.name(path)
        try:
            return parsed(content(path, self.folder), name)
        except Refused as error:
            self.problems.append(Problem(name, 1, f"the file {error}"))
        except Unreadable as error:
            self.problems.extend(error.problems)
        return None

    def _accepted(self, found: Iterable[Misshapen]) -> bool:
        before = len(self.problems)
        self.problems.extend(one.problem for one in found)
        return len(self.problems) == before

    # Value sets and products

    def valueset_names(self) -> frozenset[str]:
        """A file that is wrong still gives its name, so that nothing else stumbles over it."""
        return frozenset(path.stem for path in (self.folder / "valuesets").glob("*.yaml") if path.stem not in _NO_SETS)

    def valuesets(self, codebook: Codebook) -> dict[str, ValueSet]:
        found: dict[str, ValueSet] = {}
        for name in sorted(codebook.names):
            path = self.folder / "valuesets" / f"{name}.yaml"
            root = self._read(path)
            if root is not None and self._accepted(schema.of_valueset(root)):
                found[name] = valueset_of(root, codebook, self.note)
            else:
                codebook.torn = True
                found[name] = ValueSet(name, "", "", (), (), "", Place(self.name(path), 1))
        return found

    def _relations(self, valuesets: Mapping[str, ValueSet]) -> Relations:
        path = self.folder / "valuesets" / "relations.yaml"
        root = self._read(path) if path.exists() else None
        if root is None or not self._accepted(schema.of_relations(root)):
            return Relations()
        return relations_of(root, valuesets, self.note)

    def ingredients(self) -> Mapping[Coding, tuple[Coding, ...]]:
        path = self.folder / "valuesets" / "ingredients.yaml"
        root = self._read(path) if path.exists() else None
        if root is None or not self._accepted(schema.of_ingredients(root)):
            return {}
        return ingredients_of(root, self.note)

    # Rulesets

    def _drafts(self, codebook: Codebook, parameters: Overrides) -> dict[str, Draft]:
        drafts: dict[str, Draft] = {}
        for path in sorted(self.folder.glob("*/*/ruleset.yaml")):
            draft = self.draft(path, codebook, parameters)
            if draft.id in drafts:
                other = drafts[draft.id].root.spot.file
                self.note(draft.root.at("ruleset"), f'ruleset "{draft.id}" is already defined in {other}')
            drafts.setdefault(draft.id, draft)
        self.refuse_strangers(parameters, drafts)
        return drafts

    def refuse_strangers(self, parameters: Overrides, drafts: Mapping[str, Draft]) -> None:
        for name in parameters.keys() - drafts.keys():
            spot = parameters.at(name) if isinstance(parameters, Entries) else Spot("parameters", 1)
            self.note(spot, unknown("ruleset", name, drafts))

    def draft(self, path: Path, codebook: Codebook, parameters: Overrides) -> Draft:
        root = self._read(path)
        if root is None:
            return unread(path, self.name(path))
        draft, problems = draft_of(path, root, parameters.get(path.parent.name, {}), codebook, self.note)
        self.problems.extend(problems)
        return draft

    def rules(self, draft: Draft, scope: Scope, cards: Cards) -> tuple[Sequence[Rule], Mapping[str, Count]]:
        return Rules(draft.root, scope, cards, self.note).all()

    # Questionnaires

    def _forms(self, asked: Mapping[str, Coding]) -> Forms:
        answers: dict[str, AnswerList] = {}
        folder = self.folder / "questionnaires"
        root = self._read(folder / ANSWERS) if (folder / ANSWERS).exists() else None
        if root is not None and self._accepted(schema.of_answers(root)):
            answers = answers_of(root, self.note)
        found: dict[str, Form] = {}
        for path in sorted(folder.glob("*.yaml")):
            root = self._read(path) if path.name != ANSWERS else None
            if root is not None and self._accepted(schema.of_questionnaire(root)):
                found[path.stem] = form_of(root, asked, answers, self.note)
        return Forms(found, answers)

    # Services

    def offered(self) -> Entries | None:
        """What services.yaml says, if it can be understood."""
        path = self.folder / "services.yaml"
        if not path.exists():
            self.problems.append(
                Problem(self.name(path), 1, "this file is missing; it says which rulesets run at which hook")
            )
            return None
        root = self._read(path)
        return root if root is not None and self._accepted(schema.of_services(root)) else None


def ruleset_of(draft: Draft, rules: Sequence[Rule], counts: Mapping[str, Count]) -> Ruleset:
    root = draft.root
    return Ruleset(
        id=draft.id,
        version=root["version"],
        status=root["status"],
        title=root["title"],
        url=root["url"],
        about=about_of(root["about"]),
        uses=draft.uses,
        facts=draft.facts,
        counts=counts,
        rules=tuple(rules),
        place=root.spot.place,
        settings=draft.settings,
    )


def override_reasons(valuesets: Mapping[str, ValueSet]) -> dict[str, Coding]:
    of_reasons = (valueset for name, valueset in sorted(valuesets.items()) if name.endswith(OVERRIDES))
    return {coding.code: coding for valueset in of_reasons for coding in valueset.codings}
