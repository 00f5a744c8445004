"""`cds sign` and `cds verify`: that the rulesets a service loads are those that somebody let out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click

from cds.cli.folder import rulesets_option
from cds.errors import InputError


@click.command()
@click.option("--key", required=True, type=click.File("rb"), help="The private key, in PEM (- for standard input).")
@rulesets_option
def sign(rulesets: Path, key: IO[bytes]) -> None:
    """Sign every file of the rulesets. The signature is written to signature.jws in their folder.

    Make a key with `openssl genpkey -algorithm ed25519 -out private.pem`. Make its public key, for the setting
    CDS_RULESETS_KEY, with `openssl pkey -in private.pem -pubout -out public.pem`.
    """
    from cds.security.signing import NAME, signature

    content, manifest = signature(rulesets, key.read(), datetime.now(UTC))
    (rulesets / NAME).write_bytes(content)
    click.echo(f"{len(manifest.files)} files signed in {rulesets / NAME}")


@click.command()
@click.option("--key", type=click.Path(path_type=Path), help="Public key or JWK set; default: CDS_RULESETS_KEY.")
@rulesets_option
def verify(rulesets: Path, key: Path | None) -> None:
    """Check that every file of the rulesets is as it was signed. Exits with 3 if one is not."""
    from cds.security.signing import verified
    from cds.security.signing_keys import public_keys
    from cds.settings import Settings

    wanted = key or Settings.from_environment().rulesets_key
    if wanted is None:
        raise InputError("no key: set CDS_RULESETS_KEY or use --key")
    manifest = verified(rulesets, public_keys(wanted))
    click.echo(f"{len(manifest.files)} files are as they were signed at {manifest.signed}")
