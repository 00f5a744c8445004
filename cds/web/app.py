"""Puts the application together: the knowledge it serves, who may call, its pages, and what surrounds each request."""

from __future__ import annotations

import structlog
from flask import Flask
from jinja2 import StrictUndefined

from cds.errors import ClientsError
from cds.fhir.definitions import definitions as of_knowledge
from cds.hooks.catalogue import Catalogue
from cds.loading import load_catalogue
from cds.ruleset.names import suggestion
from cds.security.clients import Clients, load_clients
from cds.security.secrets import secrets_of
from cds.settings import Settings
from cds.web import (
    audit,
    cors,
    definitions,
    discovery,
    errors,
    feedback,
    health,
    index,
    openapi,
    requests,
    rulesets,
    services,
    transport,
    trust,
)
from cds.web.board import Board, Post
from cds.web.connections import Connections
from cds.web.prose import prose, words
from cds.web.shelf import Shelf
from cds.web.slots import Slots

_LOG = structlog.get_logger("cds")


def create_app(settings: Settings) -> Flask:
    """Nothing is open yet. Raises ``RulesetError`` and ``ClientsError`` with all that is wrong in the files."""
    served = load_catalogue(settings)
    return application(settings, served, connections(settings, served))


def connections(settings: Settings, served: Catalogue, slots: Slots | None = None) -> Connections:
    """Before the workers are forked: the keys that it may have to make are the same for all of them."""
    clients = load_clients(settings.clients) if settings.clients else None
    secrets = secrets_of(settings)
    if secrets.warning:
        _LOG.warning("keys of the record", why=secrets.warning)
    if clients:
        check_services(clients, served)
        for doubt in clients.warnings:
            _LOG.warning("clients", problem=str(doubt))
    rules = {rule.id: ruleset.id for ruleset in served.knowledge.rulesets.values() for rule in ruleset.rules}
    return Connections(settings, clients, secrets, rules, slots)


def application(settings: Settings, served: Catalogue, connections: Connections, post: Post | None = None) -> Flask:
    """What surrounds a request is begun in this order, and ended in the opposite one. ``post``: None for a process by
    itself, which nobody relieves.
    """
    app = Flask(__name__, static_folder=None)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.jinja_env.filters |= {"prose": prose, "words": words}
    app.extensions["cds.settings"] = settings
    app.extensions["cds.catalogue"] = served
    app.extensions["cds.definitions"] = of_knowledge(served.knowledge)
    app.extensions["cds.connections"] = connections
    app.extensions["cds.post"] = post or Post(Board(), 1)
    app.extensions["cds.shelf"] = Shelf(served.knowledge, settings.rulesets, settings.kept_rulesets, rulesets.rendered)
    for surrounding in (errors, requests, transport, cors, trust, audit):
        surrounding.register(app)
    for page in (discovery, services, feedback, definitions, rulesets, health, openapi, index):
        app.register_blueprint(page.pages)
    return app


def check_services(clients: Clients, served: Catalogue) -> None:
    """A name that is mistyped would shut its client out without a word."""
    unknown = [(name, spot) for name, spot in clients.services if name not in served.by_id]
    if unknown:
        raise ClientsError(
            tuple(
                spot.problem(f'there is no service "{name}"{suggestion(name, served.by_id)}') for name, spot in unknown
            )
        )
