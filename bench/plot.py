"""Lines in a picture (SVG), on a logarithmic scale: few enough to need no library."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10
from pathlib import Path
from typing import NamedTuple

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
_WIDTH, _HEIGHT = 720, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 90, 40, 50
_COLOURS = ("#1b6ca8", "#c2410c", "#15803d", "#7e22ce")
_STYLE = "font-family: sans-serif; font-size: 13px; fill: #222"


class Line(NamedTuple):
    name: str
    points: list[tuple[float, float]]


def plotted(name: str, title: str, across: str, lines: list[Line], *, goal: float) -> None:
    """Writes the picture beside the pages. ``goal``: a height that is marked."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / name).write_text(drawn(title, across, lines, goal=goal), encoding="utf-8")


def drawn(title: str, across: str, lines: list[Line], *, goal: float) -> str:
    scale = _Scale(lines, goal)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" style="{_STYLE}">',
        f"<title>{escape(title)} by {escape(across)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        _text(_LEFT, 22, title, weight="bold"),
        _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, across, anchor="middle"),
        *(part for tick in scale.heights for part in _level(scale, tick)),
        *(_text(scale.x(place), _HEIGHT - _BOTTOM + 20, f"{place:g}", anchor="middle") for place in scale.places),
        f'<path d="M{_LEFT} {scale.y(goal):.1f}H{_WIDTH - _RIGHT}" stroke="#888" stroke-dasharray="6 4"/>',
        _text(_WIDTH - _RIGHT + 6, scale.y(goal) + 4, f"goal {goal:g}"),
        *(part for line, colour in zip(lines, _COLOURS, strict=False) for part in _curve(scale, line, colour)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Scale:
    def __init__(self, lines: list[Line], goal: float) -> None:
        values = [y for line in lines for _, y in line.points] + [goal]
        self.places = sorted({x for line in lines for x, _ in line.points})
        self._low, self._high = floor(log10(min(values))), ceil(log10(max(values)))
        self.heights = [10.0**power for power in range(self._low, self._high + 1)]

    def x(self, value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * value / self.places[-1]

    def y(self, value: float) -> float:
        share = (log10(value) - self._low) / (self._high - self._low)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share


def _level(scale: _Scale, tick: float) -> tuple[str, str]:
    height = scale.y(tick)
    return (
        f'<path d="M{_LEFT} {height:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>',
        _text(_LEFT - 8, height + 4, f"{tick:,g}", anchor="end"),
    )


def _curve(scale: _Scale, line: Line, colour: str) -> list[str]:
    points = [(scale.x(x), scale.y(y)) for x, y in line.points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return [
        f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points),
        _text(points[0][0] - 10, points[0][1] + 4, line.name, anchor="end", fill=colour),  # they meet at the other end
    ]


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "normal", fill: str = "#222") -> str:
    style = f"text-anchor: {anchor}; font-weight: {weight}; fill: {fill}"
    return f'<text x="{x:.1f}" y="{y:.1f}" style="{style}">{escape(words)}</text>'
