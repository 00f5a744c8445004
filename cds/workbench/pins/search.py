"""Looks for facts of which all that is wanted is so: the plainest first, one want mended after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cds.clinical import Fact
from cds.workbench.pins.view import View
from cds.workbench.pins.wants import Want, Way, is_so, ways
from cds.workbench.pins.world import Choice, Kept, Value, World, clash, facts_of


@dataclass(frozen=True, slots=True)
class Sketch:
    """A patient as far as something was wanted of them."""

    kept: Kept = field(default_factory=dict)
    wants: tuple[Want, ...] = ()

    def facts(self, world: World) -> dict[str, Fact]:
        return facts_of(world, self.kept)


class GivenUp(Exception):
    """So many sketches were tried in vain: whether there are such facts is not known."""


def search(world: World, start: Sketch, wants: Iterable[Want], most: int) -> Sketch | None:
    """None: no choice of values will do. Raises ``GivenUp`` after ``most`` sketches."""
    waiting = [Sketch(start.kept, (*dict.fromkeys([*start.wants, *wants]),))]
    for _ in range(most):
        if not waiting:
            return None
        sketch = waiting.pop()
        view = View(world, sketch.kept)
        open_ones = [want for want in sketch.wants if not is_so(want, view)]
        if not open_ones:
            clashing = clash(world, sketch.kept)
            if not clashing:
                return sketch
            waiting.extend(_otherwise(sketch, clashing))
        else:
            waiting.extend(reversed(_next(sketch, open_ones, view)))
    raise GivenUp


def _next(sketch: Sketch, open_ones: list[Want], view: View) -> list[Sketch]:
    """Of the wants that are not so, the one that leaves the least choice is mended.

    One that is on its way already, because what it takes is wanted itself, waits for that.
    """
    fewest: list[Sketch] | None = None
    for want in open_ones:
        found = [after for way in ways(want, view) if (after := _after(sketch, way, view.world)) is not None]
        if any(after is sketch for after in found):
            continue
        if len(found) <= 1:
            return found
        if fewest is None or len(found) < len(fewest):
            fewest = found
    return fewest or []


def _otherwise(sketch: Sketch, clashing: Iterable[Choice]) -> list[Sketch]:
    """Each time another one of the choices takes its next value."""
    moved = ((choice, sketch.kept[choice][1:]) for choice in clashing)
    return [Sketch({**sketch.kept, choice: left}, sketch.wants) for choice, left in moved if left]


def _after(sketch: Sketch, way: Way, world: World) -> Sketch | None:
    """The sketch itself when it goes that way already; None: the way is barred."""
    kept = dict(sketch.kept)
    for choice, lets_stand in way.only:
        left = tuple(value for value in _left(kept, choice, world) if lets_stand(value))
        if not left:
            return None
        kept[choice] = left
    news = [want for want in dict.fromkeys(way.wants) if want not in sketch.wants]
    return Sketch(kept, (*news, *sketch.wants)) if news or kept != sketch.kept else sketch


def _left(kept: Kept, choice: Choice, world: World) -> tuple[Value, ...]:
    return kept.get(choice) or world.values(choice)
