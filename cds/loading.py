"""The rulesets of a deployment: as they were signed, with what the site has set, compiled for every service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from cds.errors import RulesetError
from cds.hooks.catalogue import Catalogue, catalogue
from cds.ruleset.approval import unapproved
from cds.ruleset.load import load
from cds.ruleset.site import parameters_of
from cds.security.signing import signed_copy
from cds.security.signing_keys import public_keys
from cds.settings import Settings


@contextmanager
def as_signed(settings: Settings) -> Iterator[Settings]:
    """Where rulesets have to be signed: the settings with a copy of exactly what was, for as long as the block lasts.

    Raises ``RulesetError`` with every file that is not as it was signed, and ``SettingsError`` for the key.
    """
    if settings.rulesets_key is None:
        yield settings
        return
    with signed_copy(settings.rulesets, public_keys(settings.rulesets_key)) as copy:
        yield replace(settings, rulesets=copy, rulesets_key=None)


def load_catalogue(settings: Settings) -> Catalogue:
    """Loads the rulesets, with what the site has set, and compiles every service.

    In production what no clinician has approved is as wrong as any other mistake. Raises as ``as_signed`` does.
    """
    with as_signed(settings) as trusted:
        return _loaded(trusted)


def _loaded(settings: Settings) -> Catalogue:
    parameters = parameters_of(settings.parameters) if settings.parameters else None
    knowledge = load(settings.rulesets, parameters)
    if settings.production and (problems := unapproved(knowledge, datetime.now(ZoneInfo(settings.time_zone)).date())):
        raise RulesetError(problems)
    return catalogue(knowledge)
