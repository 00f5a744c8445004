"""The command that asks the running service how it is: the health check of a container that has no other tools."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import ssl

    from cds.settings import Settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # looked for, not listened at


@click.command()
@click.option("--ready", is_flag=True, help="Ask /readyz, which also fails if the service would refuse every call.")
@click.option("--seconds", default=4.0, show_default=True, help="How long to wait for the answer.")
def healthy(ready: bool, seconds: float) -> None:
    """Ask the service on this machine whether it answers. Exits with 1 if it does not.

    Uses the settings of the service. If the service requires client certificates, only the TLS handshake is checked.
    """
    from cds.settings import Settings

    words, well = _asked(Settings.from_environment(), "/readyz" if ready else "/healthz", seconds)
    click.echo(words, err=not well)
    sys.exit(not well)


def _asked(settings: Settings, path: str, seconds: float) -> tuple[str, bool]:
    import ssl
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    host = _EVERYWHERE.get(settings.host, settings.host)
    connection = (
        HTTPSConnection(host, settings.port, timeout=seconds, context=_itself())
        if settings.tls_certificate
        else HTTPConnection(host, settings.port, timeout=seconds)
    )
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return f"{answer.status} {answer.read().decode()}", answer.status == 200
    except ssl.SSLError as error:
        asks = settings.tls_client_ca is not None and "CERTIFICATE_REQUIRED" in str(error)
        return ("the service requires a client certificate" if asks else f"no answer: {error.reason}"), asks
    except (OSError, HTTPException) as error:
        return f"no answer: {error}", False
    finally:
        connection.close()


def _itself() -> ssl.SSLContext:
    """The certificate is for the name that clients use; on this machine the address is proof enough."""
    import ssl

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
