"""Runs the service: a supervisor, the shift on duty, and its workers, one process per core."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from cds.serve.listening import bound, doors
from cds.serve.supervisor import Supervisor
from cds.settings import Settings
from cds.web import log


def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT; SIGHUP has the rulesets loaded anew.

    Raises ``SettingsError`` when the address is taken, and ``NotStarted`` with everything wrong in the files, or when
    the database is one of a newer version. A database that is away keeps nobody waiting.
    """
    log.configure(settings.log_level)
    place = settings.metrics_host, settings.metrics_port
    with ExitStack() as opened:
        listeners = [opened.enter_context(door) for door in doors(settings.host, settings.port, settings.workers)]
        metrics = bound(*place, ("CDS_METRICS_HOST", "CDS_METRICS_PORT")) if settings.metrics_port else None
        asyncio.run(Supervisor(settings, listeners, metrics).run())
