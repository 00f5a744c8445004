"""A report on uptake as lines for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Any, Final

from cds.workbench.uptake import UNSEEN, Rate, Report, Uptake

_WIDTH = 31  # of the longest name of a rate
_LINE = 120
_INDENTED: Final[Mapping[str, Any]] = {
    "initial_indent": "  ",
    "subsequent_indent": "    ",
    "break_on_hyphens": False,
    "break_long_words": False,
}


def lines(report: Report) -> Iterator[str]:
    yield "Calls"
    yield from _rates(report.calls)
    yield "Cards, all rules together"
    yield from _rates(report.burden)
    for uptake in report.rules:
        if not uptake.silent:
            yield ""
            yield from _uptake(uptake)
    yield ""
    yield from _silent([one for one in report.rules if one.silent])
    if report.unmatched:
        yield f"{report.unmatched} responses are about cards of which there is no record."
    yield from wrap(UNSEEN, _LINE)


def _silent(rules: Sequence[Uptake]) -> Iterator[str]:
    """Those that were called upon, most often first; of the others, that there are some."""
    calls = {f"{one.rule}@{one.version}": one.rates["firing"].of for one in rules}
    called = sorted((name for name in calls if calls[name]), key=lambda name: -calls[name])
    if called:
        yield "Never shown, of how many calls that could have shown it:"
        for number, names in groupby(called, key=calls.__getitem__):
            yield from wrap(f"of {number}: {', '.join(names)}", _LINE, **_INDENTED)
        yield ""
    if rest := len(calls) - len(called):
        yield f"{rest} more rules with cards, at services and hooks that nobody called; `--json` names them."
        yield ""


def _uptake(uptake: Uptake) -> Iterator[str]:
    yield f"{uptake.rule}@{uptake.version}  {uptake.title}".rstrip()
    yield from _rates(uptake.rates)
    for heading, shares in (("by reason", uptake.reasons), ("by category of HL7", uptake.categories)):
        if shares:
            told = ", ".join(f"{reason} {_counted(rate)}" for reason, rate in shares.items())
            yield f"  {f'overrides {heading}':{_WIDTH}} {told}"
    without = ", ".join(f"{why} {number}" for why, number in uptake.counts.items() if number)
    if without:
        yield f"  {'calls without its card':{_WIDTH}} {without}"


def _rates(rates: Mapping[str, Rate]) -> Iterator[str]:
    for name, rate in rates.items():
        yield f"  {name:{_WIDTH}} {_value(name, rate):>8}  {_counted(rate):>13}  {rate.means}"


def _value(name: str, rate: Rate) -> str:
    if rate.share is None:
        return "-"
    if " per 100 " in name:
        return f"{100 * rate.share:.1f}"
    return f"{rate.share:.2f}" if " per " in name else f"{100 * rate.share:.1f} %"


def _counted(rate: Rate) -> str:
    return f"{rate.n}/{rate.of}"


def as_json(report: Report) -> dict[str, object]:
    """Shares are of one, not of a hundred; null where there is nothing to be a share of."""
    return {
        "calls": _rates_json(report.calls),
        "burden": _rates_json(report.burden),
        "rules": [
            {
                "rule": one.rule,
                "version": one.version,
                "title": one.title,
                "rates": _rates_json(one.rates),
                "override reasons": _rates_json(one.reasons),
                "override categories": _rates_json(one.categories),
                "calls without its card": dict(one.counts),
            }
            for one in report.rules
        ],
        "responses without a card": report.unmatched,
        "note": UNSEEN,
    }


def _rates_json(rates: Mapping[str, Rate]) -> dict[str, object]:
    return {name: {**rate._asdict(), "share": rate.share} for name, rate in rates.items()}
