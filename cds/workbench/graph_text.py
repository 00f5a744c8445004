"""How much room words take: lines broken where they would run out of their box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# Widths in parts of the size of the letters, on the generous side: which font is there is known to the reader alone.
_NARROW, _USUAL, _WIDE, _WIDEST = 0.34, 0.60, 0.74, 0.96
_WIDTHS: Mapping[str, float] = {
    **dict.fromkeys(" iljtfIr.,:;'|!()[]/-·", _NARROW),
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ&", _WIDE),
    **dict.fromkeys("mwMW@%…✓✗←", _WIDEST),
}


_BOLD = 1.12
_SEAMS = "-._/@"  # where a long name may be cut


def width(words: str, size: float) -> float:
    """In pixels; letters of other scripts count as wide."""
    return size * sum(_WIDTHS.get(one, _USUAL if one.isascii() else _WIDEST) for one in words)


def lines(words: str, room: float, size: float, *, bold: bool = False) -> tuple[str, ...]:
    """The words in lines of at most so many pixels; what is too long for a line is cut where it runs out."""
    room = room / _BOLD if bold else room
    found, line = [], ""
    for word in words.split():
        for part in _parts(word, room, size):
            longer = f"{line} {part}" if line else part
            if width(longer, size) <= room or not line:
                line = longer
            else:
                found.append(line)
                line = part
    return (*found, line) if line else tuple(found)


def _parts(word: str, room: float, size: float) -> Iterator[str]:
    """Cut after the last point or dash that still fits, or else wherever."""
    while width(word, size) > room and len(word) > 1:
        fits = next(end for end in range(len(word) - 1, 0, -1) if end == 1 or width(word[:end], size) <= room)
        seam = max(word.rfind(sign, 0, fits) for sign in _SEAMS) + 1
        cut = seam if seam > fits / 2 else fits
        yield word[:cut]
        word = word[cut:]
    yield word
