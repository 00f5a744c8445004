"""The commands about what was decided and what became of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

import click

from cds.cli import output, times
from cds.cli.explaining import answered, choices, chosen
from cds.cli.folder import catalogue
from cds.cli.ledger import verify
from cds.cli.reruns import rerun
from cds.cli.responses import responses
from cds.errors import InputError

if TYPE_CHECKING:
    from cds.hooks.catalogue import Catalogue
    from cds.journal import Caller, Decision
    from cds.security.pseudonyms import Pseudonym
    from cds.settings import Settings
    from cds.workbench.past import Comparison


@click.command()
@times.since
@times.until
@click.option("--rule", default="", metavar="ID", help="Only this rule.")
@click.option("--client", default="", metavar="NAME", help="Only calls of this client.")
@output.as_json
def feedback(since: datetime | None, until: datetime | None, rule: str, client: str, as_json: bool) -> None:
    """Report how often cards were shown and what users did.

    By rule and version. Each rate names what it is a share of.
    """
    from cds.settings import Settings
    from cds.store import opened
    from cds.store.counts import counts
    from cds.workbench import uptake, uptake_lines

    settings = Settings.from_environment()
    zone = ZoneInfo(settings.time_zone)
    scope = times.scope(since, until, zone, client)
    with opened(settings) as engine:
        counted = counts(engine, scope, zone=zone, again_within=uptake.AGAIN_WITHIN)
    report = uptake.report(counted, catalogue(), rule)
    if as_json:
        span = {"since": scope.since.isoformat(), "until": scope.until.isoformat(), "client": client or None}
        output.print_json({**span, **uptake_lines.as_json(report)})
        return
    of_client = f" of {client}" if client else ""
    click.echo(f"Calls{of_client} from {scope.since:%Y-%m-%d %H:%M %Z} to before {scope.until:%Y-%m-%d %H:%M %Z}\n")
    output.print_lines(uptake_lines.lines(report))


@click.group()
def decisions() -> None:
    """Find, show, explain and repeat recorded decisions."""


decisions.add_command(responses)
decisions.add_command(verify)
decisions.add_command(rerun)


@decisions.command()
@click.option("--hook-instance", default="", metavar="UUID")
@click.option("--card", default="", metavar="UUID")
@click.option("--patient", default="", metavar="ID", help="Id of the patient in the client's system.")
@click.option("--issuer", default="", metavar="URL", help="With --patient: issuer of the client.")
@click.option("--tenant", default="", metavar="NAME", help="With --patient: tenant of the client, if it has tenants.")
@times.since_ever
@click.option(
    "--most", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most this many, the newest."
)
@output.as_json
def find(
    *,
    hook_instance: str,
    card: str,
    patient: str,
    issuer: str,
    tenant: str,
    since: datetime | None,
    most: int,
    as_json: bool,
) -> None:
    """List the decisions that match all given options, oldest first."""
    from cds.journal import Caller
    from cds.settings import Settings
    from cds.store import finding, opened

    settings = Settings.from_environment()
    if (issuer or tenant) and not patient:
        raise InputError("--issuer and --tenant need --patient")
    caller = Caller(issuer=issuer, tenant=tenant)
    with opened(settings) as engine:
        found = finding.found(
            engine,
            hook_instance=hook_instance,
            card=card.lower(),
            patient=_pseudonym(settings, caller)("patient", patient) if patient else "",
            since=times.moment(since, ZoneInfo(settings.time_zone)),
            most=most,
        )
    output.print_json([_as_json(one) for one in found]) if as_json else output.print_lines(map(_line, found))
    sys.exit(not found)


@decisions.command()
@click.argument("id_", metavar="ID")
def show(id_: str) -> None:
    """Print a decision and the responses to its cards.

    Comments of users stay encrypted.
    """
    import msgspec

    from cds.settings import Settings
    from cds.store import finding, opened

    with opened(Settings.from_environment()) as engine:
        decision = finding.by_id(engine, id_) or _unknown(id_)
        told = finding.told_of(engine, decision)
    output.print_json(_as_json(decision) | {"feedback": msgspec.to_builtins(told)})


@decisions.command()
@click.argument("id_", metavar="ID")
@choices
@output.as_json
def explain(id_: str, *, rule_id: str | None, flip_id: str | None, as_json: bool, **form: Any) -> None:
    """Explain every card of a recorded decision.

    The rules run again on the recorded facts. Exits with 1 if the result differs.

    Of a record that holds the whole request, the whole answer is made again and compared, too.
    """
    from cds.settings import Settings
    from cds.store import finding, opened
    from cds.workbench import past

    settings = Settings.from_environment()
    with opened(settings) as engine:
        decision = finding.by_id(engine, id_) or _unknown(id_)
    served, zone = catalogue(), ZoneInfo(settings.time_zone)
    question = past.question(served, decision, zone, chosen(rule_id, flip_id))
    asked = answered(question, flip=bool(flip_id), **form)
    found = [past.compared(served, decision, question), *_again(settings, served, decision, zone)]
    if as_json:
        comparisons = [{"about": one.lines, "differs": one.differs} for one in found]
        output.print_json({"compared": comparisons, "explained": asked.as_json()})
    else:
        output.print_lines(line for one in found for line in (*one.lines, *(f"DIFFERS {each}" for each in one.differs)))
        output.print_lines(("", *asked.lines()))
    sys.exit(any(one.differs for one in found))


def _again(settings: Settings, served: Catalogue, decision: Decision, zone: ZoneInfo) -> Iterator[Comparison]:
    """Nothing where the request was not kept."""
    from cds.security.sealing import seals
    from cds.security.secrets import secrets_kept
    from cds.workbench import past

    if decision.body:
        opening = seals(secrets_kept(settings).record_keys)
        body = opening.opened(decision.body, f"decision {decision.id}")
        pseudonym = _pseudonym(settings, decision.caller)
        again = past.answered_again(
            served, decision, body, zone=zone, pseudonym=pseudonym, max_cards=settings.max_cards
        )
        yield past.cards_compared(decision, again.decision)


def _pseudonym(settings: Settings, caller: Caller) -> Pseudonym:
    from cds.security.pseudonyms import pseudonyms
    from cds.security.secrets import secrets_kept

    return pseudonyms(secrets_kept(settings).pseudonym_key, caller)


def _unknown(id_: str) -> NoReturn:
    raise InputError(f"there is no decision {id_}; list decisions with `cds decisions find`")


def _as_json(decision: Decision) -> dict[str, object]:
    import msgspec

    told: dict[str, object] = msgspec.json.decode(msgspec.json.encode(decision))
    return {name: value for name, value in told.items() if name not in ("type", "body")} | {"body": bool(decision.body)}


def _line(decision: Decision) -> str:
    rules = ", ".join(rule for card in decision.cards for rule in card.rules) or "-"
    called = f"{decision.status} {decision.service} {decision.hook or '?'}"
    return f"{decision.at:%Y-%m-%dT%H:%M:%SZ} {decision.id} {called} {len(decision.cards)} cards: {rules}"
