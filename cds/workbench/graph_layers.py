"""Where the boxes of a graph stand: in columns from left to right, with few crossings and short ways.

The steps of layered drawing by Sugiyama, Tagawa and Toda (1981): columns by the longest way, a place in every column
that an edge passes, the order within columns by the mean of the neighbours, then heights by least squares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

Link: TypeAlias = tuple[str, str]

_SWEEPS = 12
_LANE = 10.0  # the height that a passing edge takes


class Port(NamedTuple):
    """Where a link ends: how far below the top of each of its boxes. Links of one box and kind go together."""

    source: str
    target: str
    leaves: float
    arrives: float
    kind: str = ""


class Way(NamedTuple):
    """The heights at which a link passes the columns between its ends, column by column."""

    link: Port
    columns: tuple[int, ...]
    heights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """``tops``: of every box. ``columns``: which it stands in."""

    columns: Mapping[str, int]
    tops: Mapping[str, float]
    ways: tuple[Way, ...]
    height: float


def columns_of(boxes: Iterable[str], links: Sequence[Link], first: Mapping[str, int]) -> dict[str, int]:
    """Each box right of all that it rests on, and not before its ``first`` column; circles are cut."""
    sources: dict[str, list[str]] = defaultdict(list)
    for source, target in links:
        sources[target].append(source)
    found: dict[str, int] = {}

    def column(box: str, path: frozenset[str]) -> int:
        if box not in found:
            before = [column(one, path | {box}) for one in sources[box] if one not in path | {box}]
            found[box] = max([first[box], *(one + 1 for one in before)])
        return found[box]

    for box in boxes:
        column(box, frozenset())
    return found


def layout(heights: Mapping[str, float], columns: Mapping[str, int], ports: Sequence[Port], gap: float) -> Layout:
    """``gap``: between boxes of one column. A link that does not go from left to right is drawn, but moves nothing."""
    places = dict(heights)
    ways: list[tuple[Port, list[str]]] = []
    where = dict(columns)
    for port in ports:
        passed = range(columns[port.source] + 1, columns[port.target])
        lanes = [f"lane {port.kind} {column} of {port.source}" for column in passed]
        places |= dict.fromkeys(lanes, _LANE)
        where |= {lane: columns[port.source] + 1 + step for step, lane in enumerate(lanes)}
        ways.append((port, lanes))
    pieces = [
        piece for port, lanes in ways for piece in _pieces(port, lanes) if where[piece.source] < where[piece.target]
    ]
    stacked = _tops(_ordered(where, pieces, places), pieces, places, gap)
    lowest = min(stacked.values(), default=0.0)
    tops = {name: top - lowest for name, top in stacked.items()}
    return Layout(
        columns=columns,
        tops={name: tops[name] for name in heights},
        ways=tuple(
            Way(port, tuple(where[lane] for lane in lanes), tuple(tops[lane] + _LANE / 2 for lane in lanes))
            for port, lanes in ways
        ),
        height=max((tops[name] + heights[name] for name in heights), default=0.0),
    )


def _pieces(port: Port, lanes: Sequence[str]) -> list[Port]:
    """A link cut where it passes a column."""
    stops = [(port.source, port.leaves), *((lane, _LANE / 2) for lane in lanes), (port.target, port.arrives)]
    return [Port(one, other, leaves, arrives) for (one, leaves), (other, arrives) in pairwise(stops)]


# The order within columns


def _ordered(where: Mapping[str, int], pieces: Sequence[Port], heights: Mapping[str, float]) -> list[list[str]]:
    order: list[list[str]] = [[] for _ in range(max(where.values(), default=-1) + 1)]
    for name, column in where.items():
        order[column].append(name)
    best, fewest = order, _crossings(order, pieces)
    for sweep in range(_SWEEPS):
        order = _swept(order, pieces, heights, rightwards=sweep % 2 == 0)
        if (count := _crossings(order, pieces)) < fewest:
            best, fewest = order, count
    return best


def _swept(
    order: Sequence[Sequence[str]], pieces: Sequence[Port], heights: Mapping[str, float], *, rightwards: bool
) -> list[list[str]]:
    """Each column after the one before it, by where its neighbours there stand."""
    new = [list(column) for column in order]
    sides = range(len(new)) if rightwards else range(len(new) - 1, -1, -1)
    for number in sides:
        before = number - 1 if rightwards else number + 1
        if 0 <= before < len(new):
            stands = _stacked(new[before], heights)
            wanted = _wanted(new[number], stands, pieces, rightwards=rightwards)
            own = _stacked(new[number], heights)
            new[number].sort(key=lambda name: wanted.get(name, own[name]))
    return new


def _stacked(column: Sequence[str], heights: Mapping[str, float]) -> dict[str, float]:
    tops, top = {}, 0.0
    for name in column:
        tops[name] = top
        top += heights[name] + _LANE
    return tops


def _wanted(
    column: Iterable[str], stands: Mapping[str, float], pieces: Sequence[Port], *, rightwards: bool
) -> dict[str, float]:
    """The top at which the links of a box to the column before would be level, in the mean."""
    members, pulls = set(column), defaultdict[str, list[float]](list)
    for piece in pieces:
        if rightwards and piece.target in members and piece.source in stands:
            pulls[piece.target].append(stands[piece.source] + piece.leaves - piece.arrives)
        if not rightwards and piece.source in members and piece.target in stands:
            pulls[piece.source].append(stands[piece.target] + piece.arrives - piece.leaves)
    return {name: sum(tops) / len(tops) for name, tops in pulls.items()}


def _crossings(order: Sequence[Sequence[str]], pieces: Sequence[Port]) -> int:
    ranks = {name: rank for column in order for rank, name in enumerate(column)}
    column_of = {name: number for number, column in enumerate(order) for name in column}
    spans: dict[int, list[tuple[int, float, int, float]]] = defaultdict(list)
    for one in pieces:
        spans[column_of[one.source]].append((ranks[one.source], one.leaves, ranks[one.target], one.arrives))
    return sum(
        (one[:2] < other[:2] and one[2:] > other[2:]) or (one[:2] > other[:2] and one[2:] < other[2:])
        for links in spans.values()
        for number, one in enumerate(links)
        for other in links[number + 1 :]
    )


# Heights


def _tops(
    order: Sequence[Sequence[str]], pieces: Sequence[Port], heights: Mapping[str, float], gap: float
) -> dict[str, float]:
    tops = {name: top for column in order for name, top in _stacked(column, heights).items()}
    for sweep in range(_SWEEPS):
        rightwards = sweep % 2 == 1
        sides = range(1, len(order)) if rightwards else range(len(order) - 2, -1, -1)
        for number in sides:
            before = order[number - 1 if rightwards else number + 1]
            stands = {name: tops[name] for name in before}
            wanted = _wanted(order[number], stands, pieces, rightwards=rightwards)
            tops |= _level(order[number], wanted, tops, heights, gap)
    for column in order:
        tops |= _level(column, tops, tops, heights, gap)
    return tops


def _level(
    column: Sequence[str],
    wanted: Mapping[str, float],
    tops: Mapping[str, float],
    heights: Mapping[str, float],
    gap: float,
) -> dict[str, float]:
    """As near to the tops wanted as can be without boxes over each other: least squares by pooling neighbours."""
    offsets, offset = [], 0.0
    pools: list[tuple[float, int]] = []  # mean and number of members
    for name in column:
        offsets.append(offset)
        pools.append((wanted.get(name, tops[name]) - offset, 1))
        offset += heights[name] + gap
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (low, few), (high, more) = pools.pop(), pools.pop()
            pools.append(((low * few + high * more) / (few + more), few + more))
    level = [mean for mean, count in pools for _ in range(count)]
    return {name: base + offset for name, base, offset in zip(column, level, offsets, strict=True)}
