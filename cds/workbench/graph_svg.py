"""Draws a graph of reasoning as an SVG that stands alone: no script, no font, light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

from cds.conditions import Truth
from cds.hooks.wording import visible
from cds.workbench.graph import OUTCOMES, Edge, Graph, Node
from cds.workbench.graph_layers import Layout, Port, Way, columns_of, layout
from cds.workbench.graph_style import MARKERS, STYLE, WORDS_OF_TRUTH
from cds.workbench.graph_text import lines

_WIDTHS = {"entry": 230.0, "fact": 220.0, "conclusion": 270.0, "card": 290.0}
_HEADINGS = {"entry": "Record", "fact": "Facts", "conclusion": "Conclusions", "card": "Cards"}
_FIRST = {"entry": 0, "fact": 1, "conclusion": 2, "card": 3}
_BETWEEN = 84.0  # columns: room for the edges
_GAP = 18.0  # between boxes of a column
_MARGIN, _TOP, _FOOT = 24.0, 92.0, 56.0
_PAD = 10.0
_BOLD = ("above", "title")
_MARK = 16.0  # what stands before a condition
_SIGNS = {True: "✓", False: "✗", None: "?"}
_TRUTHS = {True: "true", False: "false", None: "unknown"}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a box. ``row``: the first line of this condition."""

    words: str
    style: str
    size: float
    indent: float = 0.0
    truth: Truth = True
    row: int | None = None

    @property
    def leading(self) -> float:
        return self.size * 1.4


@dataclass(frozen=True, slots=True)
class _Box:
    node: Node
    width: float
    lines: tuple[_Line, ...]

    @property
    def height(self) -> float:
        return 2 * _PAD + sum(line.leading for line in self.lines)

    def port(self, row: int | None) -> float:
        """How far below its top an edge arrives: at its condition, or in the middle."""
        below = _PAD
        for line in self.lines:
            if row is not None and line.row == row:
                return below + line.leading / 2
            below += line.leading
        return self.height / 2


def svg(drawn: Graph) -> str:
    """The whole document."""
    boxes = {node.id: _box(node) for node in drawn.nodes}
    first = {node.id: _FIRST[node.kind] for node in drawn.nodes}
    columns = columns_of(boxes, [(edge.source, edge.target) for edge in drawn.edges], first)
    columns = _cards_last(drawn, columns)
    ports = [_port(edge, boxes) for edge in drawn.edges]
    placed = layout({name: box.height for name, box in boxes.items()}, columns, ports, _GAP)
    return _document(drawn, boxes, placed)


def _port(edge: Edge, boxes: Mapping[str, _Box]) -> Port:
    source, target = boxes[edge.source], boxes[edge.target]
    return Port(edge.source, edge.target, source.port(None), target.port(edge.row), _TRUTHS[edge.truth])


def _cards_last(drawn: Graph, columns: dict[str, int]) -> dict[str, int]:
    """Cards that nothing else rests on stand in one column, the last."""
    last = max(columns.values(), default=0)
    rested_on = {edge.source for edge in drawn.edges}
    ends = {node.id for node in drawn.nodes if node.kind == "card" and node.id not in rested_on}
    return {name: last if name in ends else column for name, column in columns.items()}


# Boxes


def _box(node: Node) -> _Box:
    room = _WIDTHS[node.kind] - 2 * _PAD
    found = [*_wrapped(node.above, "above", 11.5, room), *_wrapped(node.title, "title", 13.5, room)]
    for words in node.lines:
        found += _wrapped(words, "line", 12, room)
    for number, row in enumerate(node.rows):
        parts = lines(visible(row.words), room - _MARK, 12)
        for place, words in enumerate(parts):
            found.append(_Line(words, "row", 12, _MARK, row.truth, number if place == 0 else None))
    found += _wrapped(node.note, "note", 11, room)
    return _Box(node, _WIDTHS[node.kind], tuple(found))


def _wrapped(words: str, style: str, size: float, room: float) -> list[_Line]:
    return [_Line(part, style, size) for part in lines(visible(words), room, size, bold=style in _BOLD)]


# The document


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The places of columns and boxes on the page."""

    boxes: dict[str, _Box]
    placed: Layout
    lefts: tuple[float, ...]
    rights: tuple[float, ...]

    def top(self, name: str) -> float:
        return _TOP + self.placed.tops[name]

    def left(self, name: str) -> float:
        return self.lefts[self.placed.columns[name]]


def _document(drawn: Graph, boxes: dict[str, _Box], placed: Layout) -> str:
    lefts, rights = _sides(boxes, placed)
    sheet = _Sheet(boxes, placed, lefts, rights)
    across, down = max((*rights, 640.0)) + _MARGIN, _TOP + placed.height + _FOOT
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {across:.0f} {down:.0f}",
            "width": f"{across:.0f}",
            "height": f"{down:.0f}",
            "role": "graphics-document document",
            "aria-labelledby": "title description",
            "lang": "en",
        },
    )
    _text(root, "title", drawn.title, id="title")
    _text(root, "desc", drawn.description, id="description")
    _text(root, "style", STYLE)
    root.append(ElementTree.fromstring(MARKERS))  # noqa: S314  # a constant
    ElementTree.SubElement(root, "rect", {"class": "page", "width": "100%", "height": "100%"})
    _text(root, "text", drawn.title, x=f"{_MARGIN:g}", y="36", **{"class": "heading"})
    _draw_headings(root, sheet)
    for edge, way in zip(drawn.edges, placed.ways, strict=True):
        _draw_edge(root, edge, way, sheet)
    for name in boxes:
        _draw_box(root, sheet, name)
    _draw_legend(root, down - _FOOT / 2 + 4)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _sides(boxes: dict[str, _Box], placed: Layout) -> tuple[tuple[float, ...], tuple[float, ...]]:
    lefts, rights, x = [], [], _MARGIN
    for column in range(max(placed.columns.values(), default=-1) + 1):
        widths = [boxes[name].width for name, at in placed.columns.items() if at == column]
        lefts.append(x)
        rights.append(x + max(widths, default=0.0))
        x = rights[-1] + _BETWEEN if widths else x
    return tuple(lefts), tuple(rights)


def _draw_headings(root: ElementTree.Element, sheet: _Sheet) -> None:
    """Above the first column of each kind."""
    told: set[str] = set()
    for name in sorted(sheet.boxes, key=lambda one: sheet.placed.columns[one]):
        kind = sheet.boxes[name].node.kind
        if kind not in told:
            told.add(kind)
            _text(root, "text", _HEADINGS[kind], x=f"{sheet.left(name):g}", y="70", **{"class": "column"})


def _draw_edge(root: ElementTree.Element, edge: Edge, way: Way, sheet: _Sheet) -> None:
    source, target = sheet.boxes[edge.source], sheet.boxes[edge.target]
    stops = [(sheet.left(edge.source) + source.width, sheet.top(edge.source) + way.link.leaves)]
    for column, height in zip(way.columns, way.heights, strict=True):
        stops += [(sheet.lefts[column], _TOP + height), (sheet.rights[column], _TOP + height)]
    stops.append((sheet.left(edge.target), sheet.top(edge.target) + way.link.arrives))
    truth = _TRUTHS[edge.truth]
    kind = "entry" if source.node.kind == "entry" else truth
    path = ElementTree.SubElement(
        root, "path", {"class": f"edge {kind}", "d": _curve(stops), "marker-end": f"url(#{kind}-end)"}
    )
    words = WORDS_OF_TRUTH[truth] if kind == truth else "is the evidence for"
    _text(path, "title", f"{source.node.title} {words} {target.node.title}")


def _curve(stops: Sequence[tuple[float, float]]) -> str:
    """Level through columns, bent between them."""
    parts = [f"M{stops[0][0]:.1f} {stops[0][1]:.1f}"]
    for number, ((x, y), (to_x, to_y)) in enumerate(pairwise(stops)):
        middle = (x + to_x) / 2
        level = number % 2 == 1 or abs(y - to_y) < 0.05
        parts.append(
            f"H{to_x:.1f}" if level else f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        )
    return " ".join(parts)


def _draw_box(root: ElementTree.Element, sheet: _Sheet, name: str) -> None:
    box, left, top = sheet.boxes[name], sheet.left(name), sheet.top(name)
    node = box.node
    group = ElementTree.SubElement(
        root, "g", {"class": f"{node.kind} {node.indicator} {_TRUTHS[node.truth]}-box", "role": "graphics-symbol img"}
    )
    _text(group, "title", _spoken(node))
    size = {"width": f"{box.width:g}", "height": f"{box.height:g}", "rx": "6"}
    ElementTree.SubElement(group, "rect", {"class": "box", "x": f"{left:g}", "y": f"{top:.1f}", **size})
    if node.kind == "card":
        band = {"x": f"{left:g}", "y": f"{top:.1f}", "width": "5", "height": f"{box.height:g}", "rx": "2"}
        ElementTree.SubElement(group, "rect", {"class": "band", **band})
    below = top + _PAD
    for line in box.lines:
        base = f"{below + line.size * 1.05:.1f}"
        if line.row is not None:
            sign = {"class": f"sign {_TRUTHS[line.truth]}", "x": f"{left + _PAD:g}", "y": base}
            _text(group, "text", _SIGNS[line.truth], **sign)
        _text(group, "text", line.words, x=f"{left + _PAD + line.indent:g}", y=base, **{"class": line.style})
        below += line.leading


def _spoken(node: Node) -> str:
    told = f", {OUTCOMES[node.truth]}" if node.kind in ("conclusion", "card") else ""
    rows = (f"{row.words}: {_TRUTHS[row.truth]}" for row in node.rows)
    return "; ".join([f"{_HEADINGS[node.kind]}: {node.title}{told}", *node.lines, *rows])


def _draw_legend(root: ElementTree.Element, y: float) -> None:
    for number, truth in enumerate(("true", "false", "unknown")):
        x = _MARGIN + 220 * number
        line = {"class": f"edge {truth}", "d": f"M{x:g} {y - 4:g} H{x + 44:g}", "marker-end": f"url(#{truth}-end)"}
        ElementTree.SubElement(root, "path", line)
        _text(root, "text", WORDS_OF_TRUTH[truth], x=f"{x + 56:g}", y=f"{y:g}", **{"class": "line"})


def _text(parent: ElementTree.Element, tag: str, words: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, tag, attributes).text = visible(words)
