"""`cds decisions rerun`: whether what was decided would be decided again."""

from __future__ import annotations

import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from cds.cli import output, times
from cds.cli.folder import catalogue


@click.command()
@times.since_ever
@click.option(
    "--most", type=click.IntRange(1), default=10_000, show_default=True, help="At most this many, the newest."
)
def rerun(since: datetime | None, most: int) -> None:
    """Make recorded decisions again and compare the results.

    Exits with 1 if one differs.

    The rules run on the recorded facts. If the whole request was kept, the whole answer is made again.
    """
    from cds.security.pseudonyms import pseudonyms
    from cds.security.sealing import seals
    from cds.security.secrets import secrets_kept
    from cds.settings import Settings
    from cds.store import finding, opened
    from cds.workbench import reruns

    settings = Settings.from_environment()
    served, zone, secrets = catalogue(), ZoneInfo(settings.time_zone), secrets_kept(settings)
    opening = seals(secrets.record_keys)
    found = []
    with opened(settings) as engine:
        ids = finding.ids(engine, since=times.moment(since, zone), most=most)
        with click.progressbar(ids, label="decisions", file=sys.stderr) as shown:
            for decision in filter(None, (finding.by_id(engine, id_) for id_ in shown)):  # it may be erased by now
                body = opening.opened(decision.body, f"decision {decision.id}") if decision.body else b""
                pseudonym = pseudonyms(secrets.pseudonym_key, decision.caller)
                found.append(
                    reruns.rerun(served, decision, body, zone=zone, pseudonym=pseudonym, max_cards=settings.max_cards)
                )
    output.print_lines(reruns.lines(found))
    sys.exit(any(one.differs for one in found))
