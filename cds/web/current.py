"""What the running application was made with."""

from __future__ import annotations

from flask import current_app

from cds.hooks.catalogue import Catalogue
from cds.settings import Settings
from cds.web.connections import Connections


def settings() -> Settings:
    held = current_app.extensions["cds.settings"]
    assert isinstance(held, Settings)
    return held


def served() -> Catalogue:
    held = current_app.extensions["cds.catalogue"]
    assert isinstance(held, Catalogue)
    return held


def connections() -> Connections:
    held = current_app.extensions["cds.connections"]
    assert isinstance(held, Connections)
    return held
