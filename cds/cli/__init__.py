"""The command line: one plain function per command. Exit codes are those of ``cds.errors``; 1 means a test failed."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from cds import __version__
from cds.cli import output
from cds.cli.checking import check
from cds.cli.config import config
from cds.cli.coverage import coverage
from cds.cli.database import database
from cds.cli.explaining import explain
from cds.cli.folder import catalogue, rulesets_option
from cds.cli.healthy import healthy
from cds.cli.journal import decisions, feedback
from cds.cli.keys import keys
from cds.cli.mutation import mutate
from cds.cli.pages import language, parameters
from cds.cli.pins import pin
from cds.cli.population import backtest
from cds.cli.questionnaires import questionnaires
from cds.cli.reading import content
from cds.cli.revisions import diff
from cds.cli.signing import sign, verify
from cds.cli.testing import test
from cds.cli.transparency import keep, report
from cds.errors import CdsError, InputError

_OF_AUTHORS = {"z3": "z3-solver"}
"""What some commands for authors need and a service does not: module -> package."""


class _Commands(click.Group):
    """Shows the errors a caller can mend without a traceback, and ends with their exit code.

    A file that cannot be read or written is one of them, whichever command names it, and so is what is not installed.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CdsError as error:
            click.echo(f"cds: {error}", err=True)
            ctx.exit(error.exit_code)
        except ModuleNotFoundError as error:
            if error.name not in _OF_AUTHORS:
                raise
            click.echo(
                f"cds: this command needs the package {_OF_AUTHORS[error.name]}, which is not part of a service",
                err=True,
            )
            click.echo("`make dev` installs it, or pip with requirements/dev.lock", err=True)
            ctx.exit(InputError.exit_code)
        except OSError as error:
            if error.filename is None:
                raise
            click.echo(f"cds: {error.filename}: {error.strerror}", err=True)
            ctx.exit(InputError.exit_code)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cds")
def main() -> None:
    """Clinical decision support: rulesets in, CDS Hooks cards out.

    Exit codes: 0 all is well, 1 a test failed or the service could not go on, 2 a wrong option, setting or input file,
    3 mistakes in the rulesets.
    """


@main.command()
def serve() -> None:
    """Run the service. Settings come from the environment: docs/operations.md."""
    from cds.serve import serve as run
    from cds.settings import Settings
    from cds.web import log

    try:
        run(Settings.from_environment())
    except CdsError as error:
        if sys.stderr.isatty():
            raise
        log.configure("info")
        log.announce("the service did not start", level=logging.ERROR, problem=str(error), exit_code=error.exit_code)
        sys.exit(error.exit_code)


@main.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path("fhir_samples/journeys"))
@click.option(
    "--whole", is_flag=True, help="Print every step with the cards that were shown, not only the failed steps."
)
@rulesets_option
@output.as_json
def journeys(path: Path, whole: bool, rulesets: Path, as_json: bool) -> None:
    """Play the journeys in PATH and check their cards.

    A journey is calls for one patient over years, with exactly the cards that each must show.
    """
    from cds.settings import Settings
    from cds.workbench import playing
    from cds.workbench.journeys import journeys as told

    settings, served = Settings.from_environment(), catalogue(rulesets)
    steps = [step for one in told(path) for step in playing.play(one, served, settings)]
    if as_json:
        output.print_json([step.as_json() for step in steps])
    else:
        output.print_lines(playing.report(steps, whole=whole))
    sys.exit(any(not step.passed for step in steps))


@main.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@output.as_json
def validate(bundle: Path, as_json: bool) -> None:
    """Validate the resources of a FHIR BUNDLE.

    With the FHIR R4B models. The service itself accepts more.
    """
    from cds.workbench.validating import findings

    try:
        found = findings(content(bundle))
    except InputError as error:
        raise InputError(f"{bundle}: {error}") from error
    output.print_json(found) if as_json else output.print_lines(f"{p['place']}: {p['message']}" for p in found)
    if found:
        sys.exit(1)
    if not as_json:
        click.echo("valid")


@main.command()
@click.argument("base", required=False)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("fhir_samples/hooks"), show_default=True)
@click.option(
    "--print", "show", metavar="NAME", help="Only print the request NAME with the dates of today, to pipe into curl."
)
def samples(base: str | None, folder: Path, show: str | None) -> None:
    """Send the sample requests to a service, check the answers.

    BASE is the address of the service; default: the one in the settings, or else http://127.0.0.1:8080.
    """
    from cds.settings import Settings
    from cds.workbench import samples as stories

    settings = Settings.from_environment()
    today = datetime.now(ZoneInfo(settings.time_zone)).date()
    if show:
        output.print_json(stories.told_on(json.loads(content(folder / f"{show}.json")), today))
        return
    answers = [stories.send(base or settings.url, request, today) for request in stories.samples(folder)]
    for answer in answers:
        click.echo(f"{'FAIL' if answer.differences else 'PASS'} {answer.status} {answer.name}")
        output.print_lines(f"     {difference}" for difference in answer.differences)
    differing = sum(bool(answer.differences) for answer in answers)
    click.echo(f"{len(answers) - differing} of {len(answers)} samples are answered as expected")
    sys.exit(bool(differing))


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a SHELL: eval "$(cds completion bash)"."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(main, {}, "cds", "_CDS_COMPLETE").source())


main.add_command(test)
main.add_command(pin)
main.add_command(explain)
main.add_command(check)
main.add_command(keys)
main.add_command(healthy)
main.add_command(questionnaires)
main.add_command(language)
main.add_command(parameters)
main.add_command(config)
main.add_command(database)
main.add_command(feedback)
main.add_command(decisions)
main.add_command(backtest)
main.add_command(diff)
main.add_command(mutate)
main.add_command(coverage)
main.add_command(report)
main.add_command(keep)
main.add_command(sign)
main.add_command(verify)
