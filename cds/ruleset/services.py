"""What services.yaml says: which rulesets run at which hook, and how long cards are quiet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from cds.ruleset.amounts import quiet_days
from cds.ruleset.document import Entries, Items, Spot
from cds.ruleset.model import Service
from cds.ruleset.names import unknown

QUIET: Mapping[str, float] = {"warning": 30.0, "info": 90.0}
"""Days that a card is kept back after its user responded to it, where neither its rule nor services.yaml says how many:
section 0.8 of the clinical specification of spine.
"""


def quiet_of(offered: Entries | None) -> dict[str, float]:
    """By indicator, as a site has set it or else as usual."""
    written = offered.get("quiet", {}) if offered else {}
    return {**QUIET, **{indicator: quiet_days(text) or 0.0 for indicator, text in written.items()}}


@dataclass(frozen=True, slots=True)
class Services:
    """Reads the services; tells of names that nothing has, and of names that two things have."""

    offered: Entries
    rulesets: Collection[str]
    note: Callable[[Spot, str], None]

    def all(self) -> tuple[Service, ...]:
        packs = {name: tuple(self._known(members, self.rulesets)) for name, members in self._packs().items()}
        return tuple(self._service(written, packs) for written in self.offered["services"])

    def _packs(self) -> Mapping[str, Items]:
        """Lists of rulesets that have a name. A pack that is called as a ruleset is would hide it."""
        packs = self.offered.get("packs")
        if packs is None:
            return {}
        for name in packs.keys() & set(self.rulesets):
            self.note(packs.at(name), f'pack "{name}" has the name of a ruleset')
        return dict(packs)

    def _known(self, names: Items, known: Collection[str]) -> Iterator[str]:
        for name, spot in names.placed():
            if name in known:
                yield name
            else:
                self.note(spot, unknown("ruleset", name, known))

    def _service(self, written: Entries, packs: Mapping[str, tuple[str, ...]]) -> Service:
        self._refuse_second(written)
        named = self._known(written["rulesets"], {*self.rulesets, *packs})
        return Service(
            id=written["id"],
            hook=written["hook"],
            title=written["title"],
            description=written["description"],
            rulesets=tuple(dict.fromkeys(ruleset for name in named for ruleset in packs.get(name, (name,)))),
            usage_requirements=written.get("usage_requirements", ""),
            indispensable=tuple(written.get("indispensable", ())),
            system_actions=written.get("system_actions", False),
            place=written.spot.place,
        )

    def _refuse_second(self, written: Entries) -> None:
        mark = (written["id"], written["hook"])
        first = next(other for other in self.offered["services"] if (other["id"], other["hook"]) == mark)
        if first is not written:
            self.note(
                written.spot,
                f'service "{mark[0]}" at hook "{mark[1]}" is already defined in line {first.spot.line}',
            )
