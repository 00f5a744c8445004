"""What the running application was made with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app

from cds.fhir.definitions import Resource
from cds.hooks.catalogue import Catalogue
from cds.settings import Settings
from cds.web.board import Post
from cds.web.connections import Connections
from cds.web.shelf import Shelf


def settings() -> Settings:
    held = current_app.extensions["cds.settings"]
    assert isinstance(held, Settings)
    return held


def today() -> date:
    """The day it is where the service is."""
    return datetime.now(ZoneInfo(settings().time_zone)).date()


def served() -> Catalogue:
    held = current_app.extensions["cds.catalogue"]
    assert isinstance(held, Catalogue)
    return held


def connections() -> Connections:
    held = current_app.extensions["cds.connections"]
    assert isinstance(held, Connections)
    return held


def post() -> Post:
    held = current_app.extensions["cds.post"]
    assert isinstance(held, Post)
    return held


def definitions() -> Mapping[str, Mapping[str, Resource]]:
    held: Mapping[str, Mapping[str, Resource]] = current_app.extensions["cds.definitions"]
    return held


def shelf() -> Shelf:
    held = current_app.extensions["cds.shelf"]
    assert isinstance(held, Shelf)
    return held
