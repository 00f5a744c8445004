"""Sorting things that depend on each other: groups that go round in circles, and the order of the groups."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def circles(needs: Mapping[Node, Sequence[Node]]) -> tuple[tuple[Node, ...], ...]:
    """The nodes in groups, each after the groups it needs; a group has several nodes when they need each other.

    Tarjan's algorithm for strongly connected components, without recursion: chains of rules may be long.
    """
    order: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    open_: list[Node] = []
    groups: list[tuple[Node, ...]] = []
    for start in needs:
        if start in order:
            continue
        path = [(start, iter(needs[start]))]
        order[start] = lowest[start] = len(order)
        open_.append(start)
        while path:
            node, following = path[-1]
            for other in following:
                if other not in order:
                    order[other] = lowest[other] = len(order)
                    open_.append(other)
                    path.append((other, iter(needs[other])))
                    break
                if other in lowest:
                    lowest[node] = min(lowest[node], order[other])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == order[node]:
                    cut = open_.index(node)
                    groups.append(tuple(open_[cut:]))
                    for member in open_[cut:]:
                        del lowest[member]
                    del open_[cut:]
    return tuple(groups)


def way(start: Node, end: Node, needs: Mapping[Node, Sequence[Node]]) -> tuple[Node, ...]:
    """The shortest way from one node to another along what each needs, both included; empty when there is none."""
    before: dict[Node, Node] = {}
    seen, edge = {start}, [start]
    while edge and end not in seen:
        found = [(other, node) for node in edge for other in needs[node] if other not in seen]
        before |= dict(reversed(found))
        edge = list(dict.fromkeys(other for other, _ in found))
        seen |= set(edge)
    if end not in seen:
        return ()
    steps = [end]
    while steps[-1] != start:
        steps.append(before[steps[-1]])
    return tuple(reversed(steps))
