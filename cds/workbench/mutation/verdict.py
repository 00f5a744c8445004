"""What came of one mutant."""

from __future__ import annotations

from dataclasses import dataclass

from cds.workbench.mutation.mutant import Mutant


@dataclass(frozen=True, slots=True)
class Verdict:
    """``killer``: the case that notices the mutant; "" none. ``differs``: some case in which it comes to another
    outcome without that case minding. ``refused``: the loader would not take the mutant.
    """

    mutant: Mutant
    killer: str = ""
    differs: str = ""
    refused: bool = False

    @property
    def is_open(self) -> bool:
        """Another case may still notice it."""
        return not (self.killer or self.refused)
