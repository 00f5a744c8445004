"""`cds explain`, and the choices it shares with the explanation of a logged decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from cds.cli import output
from cds.cli.folder import catalogue, rulesets_option
from cds.cli.reading import content, service_of, service_option
from cds.errors import InputError, MissingData, RequestError

if TYPE_CHECKING:
    from cds.workbench.question import FlipQuestion, Question

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--rule", "rule_id", help="Explain only this rule: why it fired, stayed silent or could not be decided."
    ),
    click.option(
        "--flip", "flip_id", metavar="RULE", help="What would have to change to make RULE fire or stay silent."
    ),
    click.option("--seconds", type=click.FloatRange(0), default=10.0, show_default=True, help="Time limit of --flip."),
    click.option(
        "--svg",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Also draw the explanation, as SVG, into this file.",
    ),
)


def choices(command: _Command) -> _Command:
    """The options of an explanation."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@choices
@click.option("--today", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Evaluate as of this day (or time).")
@service_option
@click.option("--hook", help="The hook to call, for a bundle; default: patient-view.")
@rulesets_option
@output.as_json
def explain(
    bundle: Path,
    *,
    rule_id: str | None,
    flip_id: str | None,
    today: datetime | None,
    asked: str | None,
    hook: str | None,
    rulesets: Path,
    as_json: bool,
    **form: Any,
) -> None:
    """Explain why cards are shown, or not shown.

    For the patient of a FHIR BUNDLE or of a CDS Hooks request.
    """
    from cds.settings import Settings
    from cds.workbench.question import ask

    settings = Settings.from_environment()
    served = catalogue(rulesets)
    service_id = service_of(served, asked)
    told, now = content(bundle), moment(today, ZoneInfo(settings.time_zone))
    rule = chosen(rule_id, flip_id)
    try:
        question = ask(served, told, now, service_id=service_id, hook=hook, rule_id=rule)
    except (RequestError, MissingData) as error:
        raise InputError(f"{bundle}: {error}") from error
    answer = answered(question, flip=bool(flip_id), **form)
    output.print_json(answer.as_json()) if as_json else output.print_lines(answer.lines())


def chosen(rule_id: str | None, flip_id: str | None) -> str | None:
    """The one rule that is asked about, if any."""
    if rule_id and flip_id:
        raise InputError("use either --rule or --flip")
    return rule_id or flip_id


def answered(question: Question, *, flip: bool, svg: Path | None, seconds: float) -> Question | FlipQuestion:
    """What is to be printed, after what is to be drawn was drawn."""
    if svg:
        _draw(question, svg)
    if not flip:
        return question
    from cds.workbench.question import FlipQuestion

    end = monotonic() + seconds
    return FlipQuestion(question, lambda: monotonic() > end)


def _draw(question: Question, file: Path) -> None:
    from cds.workbench.graph_svg import svg

    file.write_text(svg(question.graph()), encoding="utf-8")


def moment(today: datetime | None, zone: ZoneInfo) -> datetime:
    """A day without a time means its noon."""
    if today is None:
        return datetime.now(zone)
    at_noon = datetime.combine(date(today.year, today.month, today.day), time(12))
    return (at_noon if today.time() == time(0) else today).replace(tzinfo=zone)
