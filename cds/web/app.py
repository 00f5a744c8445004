"""Puts the application together: the knowledge it serves, its pages, its errors, its log line per request."""

from __future__ import annotations

from flask import Flask

from cds.hooks.catalogue import Catalogue, catalogue
from cds.ruleset.load import load, parameters_of
from cds.settings import Settings
from cds.web import discovery, errors, health, index, requests, services


def create_app(settings: Settings) -> Flask:
    """Raises ``RulesetError`` with all that is wrong in the rulesets."""
    return application(settings, load_catalogue(settings))


def load_catalogue(settings: Settings) -> Catalogue:
    """Loads the rulesets, with what the site has set, and compiles every service."""
    parameters = parameters_of(settings.parameters) if settings.parameters else None
    return catalogue(load(settings.rulesets, parameters))


def application(settings: Settings, served: Catalogue) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = False
    app.extensions["cds.settings"] = settings
    app.extensions["cds.catalogue"] = served
    errors.register(app)
    requests.register(app)
    for blueprint in (discovery.pages, services.pages, health.pages, index.pages):
        app.register_blueprint(blueprint)
    return app
