"""What the service says to who started it, once it can be called."""

from __future__ import annotations

import json
import logging
import shlex
import sys
from pathlib import Path

from cds.hooks.catalogue import Catalogue
from cds.ruleset.approval import unreviewed
from cds.serve.news import Loaded
from cds.settings import Settings
from cds.web import log

_SAMPLE = Path(__file__).parents[2] / "fhir_samples" / "hooks" / "cauda-equina-new-saddle-numbness.json"


def announce(settings: Settings, loaded: Loaded, *, terminal: bool) -> None:
    """A person is told what to try; whoever collects lines gets one of them, at any level of the log."""
    if terminal:
        sys.stderr.write(loaded.greeting)
        sys.stderr.flush()
        return
    who = _open_to(settings)
    level = logging.WARNING if who == "anyone" or loaded.unreviewed else logging.INFO
    told = {"open_to": who, "unreviewed": loaded.unreviewed, "fingerprint": loaded.fingerprint}
    log.announce("serving", level=level, address=f"{settings.url}/cds-services", **told)


def _open_to(settings: Settings) -> str:
    """Who may call."""
    return "clients" if settings.clients else "this machine" if settings.only_here else "anyone"


def greeting(settings: Settings, served: Catalogue) -> str:
    lines = f"Serving CDS Hooks at {settings.url}/cds-services\nTry: {_example(settings, served)}\n"
    return lines + _warning(settings) + _approval(served)


def _warning(settings: Settings) -> str:
    """An open service says so, the louder the more can reach it."""
    return {
        "clients": "",
        "this machine": "OPEN: anyone on this machine may call it; CDS_CLIENTS closes it\n",
        "anyone": f"*** OPEN TO OTHERS: anyone who can reach {settings.url} may call it; CDS_CLIENTS closes it ***\n",
    }[_open_to(settings)]


def _approval(served: Catalogue) -> str:
    if not unreviewed(served.knowledge):
        return ""
    return "NOT FOR CLINICAL USE: no clinician has reviewed the rulesets; CDS_PRODUCTION would refuse them\n"


def _example(settings: Settings, served: Catalogue) -> str:
    """A command that shows a card, where the sample and a service for it are there; else discovery.

    The story is told today: its findings are of this week, and a card would not show for those of last year.
    """
    hook = json.loads(_SAMPLE.read_bytes())["hook"] if _SAMPLE.exists() else None
    for offer in served.all_offers():
        if offer.service.hook == hook and not settings.clients:
            url = f"{settings.url}/cds-services/{offer.service.id}"
            story = f"{_near(Path(sys.argv[0]))} samples --folder {_near(_SAMPLE.parent)} --print {_SAMPLE.stem}"
            return f"{story} | curl -H 'Content-Type: application/json' -d @- {url}"
    return f"curl {settings.url}/cds-services"


def _near(path: Path) -> str:
    """As short as can be told from here, for a shell."""
    return shlex.quote(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))
