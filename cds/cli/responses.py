"""The command that hands over what users did with cards, one by one."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from cds.cli import output, times

if TYPE_CHECKING:
    from cds.security.sealing import Seals
    from cds.store.responded import Responded

_UNAVAILABLE, _SEALED = "unavailable", "sealed"
_COLUMNS = (
    *("intervention", "action", "reason", "reason_code", "reason_system", "comment", "user", "date", "location"),
    *("service", "hook", "indicator", "decision"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would work out


@click.command()
@times.since
@times.until
@click.option("--client", default="", metavar="NAME", help="Only responses from this client.")
@click.option("--comments", is_flag=True, help="Include the comments of users, decrypted with the record keys.")
@output.as_json
def responses(since: datetime | None, until: datetime | None, client: str, comments: bool, as_json: bool) -> None:
    """Print every response of a user to a card.

    Rules, action, reason, comment, user, date and location.

    As CSV, or with --json as one JSON object per line. Users are pseudonyms. "unavailable" means that the caller did
    not give the user or the location.
    """
    from cds.security.sealing import seals
    from cds.security.secrets import secrets_kept
    from cds.settings import Settings
    from cds.store import opened
    from cds.store.responded import responded

    settings = Settings.from_environment()
    keys = seals(secrets_kept(settings).record_keys) if comments else None
    scope = times.scope(since, until, ZoneInfo(settings.time_zone), client)
    with opened(settings) as engine:
        rows = (_row(one, keys) for one in responded(engine, scope))
        _print_lines(rows) if as_json else _print_csv(rows)


def _row(one: Responded, keys: Seals | None) -> Mapping[str, str]:
    worded = {
        "intervention": " ".join(one.rules),
        "action": one.outcome,
        "reason": one.reason_display or one.reason_code,
        "comment": _comment(one, keys),
        "user": one.user or _UNAVAILABLE,
        "date": f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
        "location": "/".join(part for part in (one.client, one.tenant) if part) or _UNAVAILABLE,
    }
    return {name: worded[name] if name in worded else getattr(one, name) for name in _COLUMNS}


def _comment(one: Responded, keys: Seals | None) -> str:
    """Raises ``CannotOpen`` when a key is not there any more."""
    from cds.hooks.feedback import belongs_to

    if not one.comment:
        return ""
    return keys.opened(one.comment, belongs_to(one.id)).decode() if keys else _SEALED


def _print_lines(rows: Iterator[Mapping[str, str]]) -> None:
    output.print_lines(json.dumps(row, ensure_ascii=False) for row in rows)


def _print_csv(rows: Iterator[Mapping[str, str]]) -> None:
    from cds.hooks.wording import visible

    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(_COLUMNS)
    for row in rows:
        written.writerow([_cell(visible(value)) for value in row.values()])


def _cell(text: str) -> str:
    """A user's words are words also to a spreadsheet (I13)."""
    return f"'{text}" if text.startswith(_FORMULA) else text
