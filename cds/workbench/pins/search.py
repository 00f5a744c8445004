"""Looks for facts of which all that is wanted is so: the plainest first, one want mended after the other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from cds.clinical import Fact
from cds.workbench.pins.view import View
from cds.workbench.pins.wants import Want, is_so, keyed, rests_on
from cds.workbench.pins.ways import Way, ways
from cds.workbench.pins.world import Choice, Kept, Value, World, clash, facts_of


@dataclass(frozen=True, slots=True)
class Sketch:
    """A patient as far as something was wanted of them."""

    kept: Kept = field(default_factory=dict)
    wants: Mapping[Hashable, Want] = field(default_factory=dict)
    seen: View | None = field(default=None, compare=False, repr=False)  # of this sketch, or of the one before it

    def facts(self, world: World) -> dict[str, Fact]:
        return facts_of(world, self.kept)


class GivenUp(Exception):
    """So many sketches were tried in vain: whether there are such facts is not known."""


def search(world: World, start: Sketch, wants: Iterable[Want], most: int) -> Sketch | None:
    """None: no choice of values will do. Raises ``GivenUp`` after ``most`` sketches."""
    waiting = [Sketch(start.kept, {**start.wants, **keyed(wants)}, start.seen)]
    for _ in range(most):
        if not waiting:
            return None
        sketch = waiting.pop()
        view = sketch.seen.after(sketch.kept) if sketch.seen else View(world, sketch.kept)
        open_ones = _open(sketch, view)
        if not open_ones:
            clashing = clash(world, sketch.kept)
            if not clashing:
                return replace(sketch, seen=view)
            waiting.extend(_otherwise(sketch, clashing, view))
        else:
            waiting.extend(reversed(_next(sketch, open_ones, view)))
    raise GivenUp


def _open(sketch: Sketch, view: View) -> list[Want]:
    """What is not so yet. What was so before, and rests on no choice that was changed, is so still."""
    found = []
    for key, want in sketch.wants.items():
        if key in view.still_met:
            view.met[key] = view.still_met[key]
        elif is_so(want, view):
            view.met[key] = rests_on(want, view.world)
        else:
            found.append(want)
    return found


def _next(sketch: Sketch, open_ones: list[Want], view: View) -> list[Sketch]:
    """Of the wants that are not so, the one that leaves the least choice is mended.

    One that is on its way already, because what it takes is wanted itself, waits for that.
    """
    fewest: list[Sketch] | None = None
    for want in open_ones:
        found = [after for way in ways(want, view) if (after := _after(sketch, way, view)) is not None]
        if any(after is sketch for after in found):
            continue
        if len(found) <= 1:
            return found
        if fewest is None or len(found) < len(fewest):
            fewest = found
    return fewest or []


def _otherwise(sketch: Sketch, clashing: Iterable[Choice], view: View) -> list[Sketch]:
    """Each time another one of the choices takes its next value."""
    moved = ((choice, sketch.kept[choice][1:]) for choice in clashing)
    return [Sketch({**sketch.kept, choice: left}, sketch.wants, view) for choice, left in moved if left]


def _after(sketch: Sketch, way: Way, view: View) -> Sketch | None:
    """The sketch itself when it goes that way already; None: the way is barred."""
    kept = dict(sketch.kept)
    for choice, lets_stand in way.only:
        left = tuple(value for value in _left(kept, choice, view.world) if lets_stand(value))
        if not left:
            return None
        kept[choice] = left
    news = {key: want for key, want in keyed(way.wants).items() if key not in sketch.wants}
    return Sketch(kept, {**news, **sketch.wants}, view) if news or kept != sketch.kept else sketch


def _left(kept: Kept, choice: Choice, world: World) -> tuple[Value, ...]:
    return kept.get(choice) or world.values(choice)
