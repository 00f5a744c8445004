"""The state of the files that results of a ruleset hang on, as a digest: other files, other results.

The tests of a ruleset turn on its own files, the rules of those it uses, and the codes all these ask for. Small
mistakes put into it may also be noticed by tests of rulesets that use it. What the software does, and the patients in
files that cases name, are in no digest: ``cds report --check`` measures everything again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from cds.ruleset.load import OVERRIDES
from cds.ruleset.model import FactSpec, Knowledge, Ruleset
from cds.ruleset.program import with_used
from cds.ruleset.site import ABOUT_THEM


class States:
    """Of one folder as it lies there now; reads a file once."""

    def __init__(self, knowledge: Knowledge, folder: Path) -> None:
        self._knowledge = knowledge
        self._folder = folder
        self._digests: dict[Path, bytes] = {}

    def own(self, name: str) -> str:
        """What its tests turn on."""
        used = with_used(self._knowledge.rulesets, [name])
        return self._digest([*self._files(used[0], whole=True), *self._rules(used), *self._shared], _meant(used))

    def around(self, name: str) -> str:
        """The same of all rulesets that use it."""
        rulesets = self._knowledge.rulesets
        using = [one for one in rulesets if any(name == used.id for used in with_used(rulesets, [one]))]
        return hashlib.sha256("\n".join(map(self.own, sorted(using))).encode()).hexdigest()

    def _rules(self, rulesets: Iterable[Ruleset]) -> Iterator[Path]:
        """Their files without their tests, and the value sets that they name."""
        for ruleset in rulesets:
            yield from self._files(ruleset, whole=False)
            yield from (self._valueset(name) for spec in ruleset.facts.values() for name in _named(spec))

    def _files(self, ruleset: Ruleset, *, whole: bool) -> Iterator[Path]:
        home = self._folder.joinpath(*PurePosixPath(ruleset.place.file).parts[1:-1])
        files = (path for path in home.rglob("*") if path.suffix in (".yaml", ".json"))
        return (path for path in files if whole or path.name not in ABOUT_THEM)

    @cached_property
    def _shared(self) -> list[Path]:
        """Of which products consist, and the reasons for which a card may be overridden."""
        reasons = [self._valueset(name) for name in self._knowledge.valuesets if name.endswith(OVERRIDES)]
        return [path for path in (self._valueset("ingredients"), *reasons) if path.exists()]

    def _valueset(self, name: str) -> Path:
        return self._folder / "valuesets" / f"{name}.yaml"

    def _digest(self, files: Iterable[Path], meant: str) -> str:
        digest = hashlib.sha256(meant.encode())
        for path in sorted(set(files)):
            if path not in self._digests:
                self._digests[path] = hashlib.sha256(path.read_bytes()).digest()
            digest.update(path.relative_to(self._folder).as_posix().encode() + b"\0" + self._digests[path])
        return digest.hexdigest()


def _named(spec: FactSpec) -> Iterator[str]:
    for codes in spec.codes.values():
        yield from (*codes.sets, *codes.except_sets)


def _meant(rulesets: Iterable[Ruleset]) -> str:
    """What services.yaml and the value sets say for a ruleset that does not say it itself: how long a card is quiet,
    and what a code is called that is written in place.
    """
    quiet = [f"{rule.id} {rule.card.quiet}" for one in rulesets for rule in one.rules if rule.card]
    codes = [codes for one in rulesets for spec in one.facts.values() for codes in spec.codes.values()]
    named = [f"{coding.code} {coding.display}" for one in codes for coding in (*one.codings, *one.except_codings)]
    return "\n".join((*quiet, *named))
