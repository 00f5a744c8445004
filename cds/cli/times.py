"""The time that a command looks at, in days of the site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from cds.store.reports import Scope

_USUAL_DAYS = 30
_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])

since = click.option("--since", type=_DAY, help=f"First day (or time); default: {_USUAL_DAYS} days ago.")
since_ever = click.option("--since", type=_DAY, help="First day (or time); default: the oldest record.")
until = click.option("--until", type=_DAY, help="End, not included: a day (or time); default: now.")


def moment(given: datetime | None, zone: ZoneInfo) -> datetime | None:
    return given and given.replace(tzinfo=zone)


def scope(since: datetime | None, until: datetime | None, zone: ZoneInfo, client: str) -> Scope:
    """The decisions of that time, of one client or ("") of all."""
    from cds.store.reports import Scope

    end = moment(until, zone) or datetime.now(UTC)
    return Scope(moment(since, zone) or end - timedelta(days=_USUAL_DAYS), end, client)
