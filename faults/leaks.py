"""A run with markers in every word, id, comment, header and token (P1), against the service as it is deployed.

What is asked, answered and refused is that of ``tests/hostile/traces.py``, there with one worker and SQLite. The
markers may be in the cards of an answer, and nowhere else: what the database has of them is sealed.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import psycopg
from psycopg.sql import SQL, Identifier

from bench.servers import workers
from faults.observed import Fault, Observed, Size
from faults.site import postgres
from tests.hostile.canary import Run, calls, found, marked, run
from tests.hostile.stories import story
from tests.hostile.traces import LIMIT, answered, leaks, pages, refused
from tests.recorded import KEYS, stored

STORIES = (
    "cauda-equina-new-saddle-numbness",
    "epidural-abscess-picture",
    "ibuprofen-every-other-day-for-sciatica-with-migraine",
    "opioid-substitution-with-migraine",
    "order-sign-naproxen-for-sixty-days-with-migraine",
    "partial-prefetch",
    "triptan-diary-over-three-months",
)
SHIPPED = "/cds-services/spine-and-headache"


def canary(seen: Observed, _: Size) -> None:
    with postgres() as cluster:
        url = cluster.database()
        settings = {"DATABASE_URL": url, **KEYS, "CDS_WORKERS": "2", "CDS_RECORD": "full"}
        small, shipped = _small(seen, settings), _as_shipped(seen, settings)
        decisions, feedback = stored(url)
        cells = _cells(url)
    places = {place: found(content) for place, content in cells.items() if found(content)}
    calls_answered, cards = map(sum, zip(small, shipped, strict=True))
    seen.tell(rows=f"{[decisions, feedback]}", columns=len(cells))
    recorded = decisions >= calls_answered and feedback == cards
    seen.expect(f"{calls_answered} calls and {cards} responses are in the database", recorded)
    seen.expect(f"no marker in the database, but in {sorted(places)}", not places)


def _small(seen: Observed, settings: dict[str, str]) -> tuple[int, int]:
    """Calls of every hook, with feedback, and every way to be refused. How many are answered, with how many cards."""
    with run(**settings, CDS_MAX_BODY_BYTES=str(LIMIT)) as service:
        cards = answered(service, calls())
        statuses = []
        for expected, heard in refused(service):
            statuses += heard.statuses
            seen.expect(f"refused with {expected}, not {heard.statuses}", (expected,) == heard.statuses)
            seen.expect(f"{expected}: no marker in the refusal", not found(heard.body))
        for heard in pages(service):
            seen.expect("no marker on a page", not found(heard.body))
        _crashed(service)
        seen.expect("it ends in order", service.stop() == 0)
        _clean(seen, service, "the small ruleset")
    seen.tell(cards=cards, refusals=len(statuses))
    return len(calls()), cards


def _as_shipped(seen: Observed, settings: dict[str, str]) -> tuple[int, int]:
    with run(**settings, CDS_RULESETS="rulesets") as service:
        cards = answered(service, [marked(story(name)) for name in STORIES], SHIPPED)
        service.stop()
        _clean(seen, service, "the shipped rulesets")
    seen.tell(cards_of_shipped=cards)
    return len(STORIES), cards


def _crashed(service: Run) -> None:
    """A worker ends in the midst, with all it remembers."""
    with suppress(ProcessLookupError):
        os.kill(workers(service.process.pid)[0], signal.SIGSEGV)


def _clean(seen: Observed, service: Run, of: str) -> None:
    places = leaks(service)
    seen.expect(f"{of}: no marker in log and files, but in {places}", not places)


def _cells(url: str) -> dict[str, bytes]:
    """The content of every column of every table."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        ).fetchall()
        rows = {
            f"{table}.{column}": connection.execute(
                SQL("select {}::text from {}").format(Identifier(column), Identifier(table))
            ).fetchall()
            for table, column in names
        }
    return {place: "\n".join(str(value) for (value,) in found_rows).encode() for place, found_rows in rows.items()}


FAULTS = (Fault("P1", "markers in every place of every request", "none in log, files, refusals or database", canary),)
