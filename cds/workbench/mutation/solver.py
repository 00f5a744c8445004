"""Whether the solver is there: it is part of the development environment, and the service does without."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Protocol

from cds.ruleset.model import Knowledge
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.plainest import Known


class Proofs(Protocol):
    """What the solver has to say of mutants that no case notices."""

    def changes_nothing(self, mutant: Mutant) -> bool: ...
    def patients(self, mutant: Mutant, ruleset: str) -> Iterable[Known]: ...


def is_there() -> bool:
    return find_spec("z3") is not None


def proofs_of(knowledge: Knowledge) -> Proofs | None:
    """None without the solver: nothing is proven then."""
    if not is_there():
        return None
    from cds.workbench.mutation.proving import Solver  # noqa: PLC0415 - it needs the solver

    return Solver(knowledge)
