"""Rulesets that have to be signed: every file as it was, none missing, none beside them, by a key that is trusted."""

import fcntl
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from cds.cli import main
from cds.errors import InputError, RulesetError, SettingsError
from cds.loading import as_signed, load_catalogue
from cds.ruleset.load import load
from cds.security.signing import NAME, signature, signed_copy, verified
from cds.security.signing_keys import public_keys
from cds.settings import Settings
from tests.hooks.messages import RULESETS

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
RULES = "demo/pain/ruleset.yaml"
OURS, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
ELLIPTIC, RSA = generate_private_key(SECP384R1()), rsa(65_537, 2_048)


def pem(key, protection=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection or NoEncryption())


def public_pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(RULESETS, tmp_path / "rulesets"))


@pytest.fixture
def key(tmp_path):
    return written(tmp_path / "public.pem", public_pem(OURS))


def written(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def signed(folder, key=OURS):
    content, manifest = signature(folder, pem(key), NOW)
    (folder / NAME).write_bytes(content)
    return manifest


def told(folder, key):
    """What keeps the rulesets from being loaded, without the line."""
    with pytest.raises(RulesetError) as refused, signed_copy(folder, public_keys(key)):
        pass
    return [f"{problem.file} {problem.message}" for problem in refused.value.problems]


@pytest.mark.parametrize("signing", [OURS, ELLIPTIC], ids=["Ed25519", "P-384"])
def test_a_folder_is_verified_that_is_as_it_was_signed(folder, tmp_path, signing):
    manifest = signed(folder, signing)
    key = written(tmp_path / "key.pem", public_pem(signing))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    assert manifest == verified(folder, public_keys(key))
    assert files - {NAME} == manifest.files.keys()
    assert "2026-11-22T03:00:00Z" == manifest.signed
    with signed_copy(folder, public_keys(key)) as copy:
        assert load(folder) == load(copy)


def lengthened(folder):
    (folder / RULES).write_bytes((folder / RULES).read_bytes() + b"\n")


def replaced(path, make):
    path.unlink()
    make(path)


def jws(folder, payload, key, algorithm, **header):
    text = jwt.PyJWS().encode(payload, key, algorithm, {"typ": "cds-rulesets+jws", **header})
    (folder / NAME).write_text(text)


def exchanged(folder):
    """The list of a folder that was changed, under the signature of before."""
    head, _, signature = (folder / NAME).read_text().strip().split(".")
    lengthened(folder)
    signed(folder, OTHER)
    payload = (folder / NAME).read_text().split(".")[1]
    (folder / NAME).write_text(f"{head}.{payload}.{signature}")


CHANGES = {
    "changed": (lengthened, [f"rulesets/{RULES} is not as it was signed"]),
    "emptied": (lambda folder: (folder / RULES).write_bytes(b""), [f"rulesets/{RULES} is not as it was signed"]),
    "missing": (lambda folder: (folder / RULES).unlink(), [f"rulesets/{RULES} was signed, and is missing"]),
    "additional": (
        lambda folder: (folder / "demo/pain/pins.yaml").write_text("a: 1"),
        ["rulesets/demo/pain/pins.yaml was not there when the folder was signed"],
    ),
    "hidden": (
        lambda folder: written(folder / ".demo/x/ruleset.yaml", b"a"),
        ["rulesets/.demo/x/ruleset.yaml was not there when the folder was signed"],
    ),
    "additional, with a name for terminals": (
        lambda folder: (folder / "\x1b[31m").write_text("a"),
        ['"rulesets/\\u001b[31m" was not there when the folder was signed'],
    ),
    "additional, with a name that is not UTF-8": (
        lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_text("a"),
        ['"rulesets/\\udcff" was not there when the folder was signed'],
    ),
    "another name": (
        lambda folder: (folder / RULES).rename(folder / "demo/pain/ruleset.yml"),
        [
            f"rulesets/{RULES} was signed, and is missing",
            "rulesets/demo/pain/ruleset.yml was not there when the folder was signed",
        ],
    ),
    "a link out of the folder": (
        lambda folder: replaced(folder / RULES, lambda path: path.symlink_to(RULESETS / RULES)),
        [f"rulesets/{RULES} is a link to a place outside the folder"],
    ),
    "a link to a folder": (
        lambda folder: (folder / "demo/copy").symlink_to("pain"),
        ["rulesets/demo/copy is a link to a folder, and not signed"],
    ),
    "a pipe": (
        lambda folder: replaced(folder / RULES, os.mkfifo),
        [f"rulesets/{RULES} is not a regular file"],
    ),
    "unsigned": (
        lambda folder: (folder / NAME).unlink(),
        [f"rulesets/{NAME} there is no such file: the rulesets are not signed"],
    ),
    "signed with another key": (
        lambda folder: signed(folder, OTHER),
        [f"rulesets/{NAME} is signed with another key, or was changed since"],
    ),
    "no signature": (
        lambda folder: (folder / NAME).write_text("signed: yes"),
        [f"rulesets/{NAME} is no signature as `cds sign` writes it"],
    ),
    "half a signature": (
        lambda folder: (folder / NAME).write_bytes((folder / NAME).read_bytes()[:-40]),
        [f"rulesets/{NAME} is signed with another key, or was changed since"],
    ),
    "another list under the signature": (
        exchanged,
        [f"rulesets/{NAME} is signed with another key, or was changed since"],
    ),
    "an unsigned JWS": (
        lambda folder: jws(folder, b"{}", None, "none"),
        [f"rulesets/{NAME} is a signature for another purpose"],
    ),
    "the public key as a password": (
        lambda folder: jws(folder, b"{}", b"x" * 64, "HS256"),
        [f"rulesets/{NAME} is a signature for another purpose"],
    ),
    "a token signed with the key": (
        lambda folder: jws(folder, b'{"iss":"a"}', OURS, "EdDSA", typ="JWT"),
        [f"rulesets/{NAME} is a signature for another purpose"],
    ),
    "a header with more": (
        lambda folder: jws(folder, b"{}", OURS, "EdDSA", jku="https://a.example"),
        [f"rulesets/{NAME} is a signature for another purpose"],
    ),
    "another list of a later release": (
        lambda folder: jws(folder, b'{"files": {}, "signed": "", "of": "all"}', OURS, "EdDSA"),
        [f"rulesets/{NAME} is signed, and no list of files that this release understands"],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_as_it_was_signed_is_named(change, folder, key):
    signed(folder)
    spoil, expected = CHANGES[change]
    spoil(folder)

    assert expected == told(folder, key)


def test_everything_that_is_not_as_it_was_signed_is_named_at_once(folder, key):
    signed(folder)
    for change in ("changed", "additional", "a link to a folder"):
        CHANGES[change][0](folder)

    assert 3 == len(told(folder, key))


def test_no_copy_is_left_of_what_is_refused_or_was_used(folder, key, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    signed(folder)
    with signed_copy(folder, public_keys(key)) as copy:
        assert 0o700 == copy.parent.stat().st_mode & 0o777
        with pytest.raises(BlockingIOError):  # so it is not tidied away under a service that has run for weeks
            fcntl.flock(os.open(copy.parent, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    (folder / RULES).unlink()
    told(folder, key)

    assert [] == list((tmp_path / "tmp").iterdir())


def test_what_changes_after_it_was_verified_is_not_what_is_loaded(folder, key):
    signed(folder)
    before = load(folder)
    with as_signed(Settings(rulesets=folder, rulesets_key=key)) as settings:
        shutil.rmtree(folder)

        assert before == load_catalogue(settings).knowledge


def test_a_set_of_keys_may_hold_those_of_before_and_of_tomorrow(folder, tmp_path):
    members = [
        {**json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(one.public_key())), "kid": kid}
        for kid, one in (("2025", OTHER), ("2026", OURS))
    ]
    keys = written(tmp_path / "keys.json", json.dumps({"keys": members}).encode())
    for one in (OURS, OTHER):
        signed(folder, one)
        verified(folder, public_keys(keys))
    signed(folder, ELLIPTIC)

    assert [f"rulesets/{NAME} is signed with another key, or was changed since"] == told(folder, keys)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is neither a public key in PEM nor a JWK set"),
        (b'{"keys": []}', "has no key that rulesets can be signed with"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "holds no public key in PEM"),
        (pem(OURS), "holds a private key"),
        (public_pem(RSA), "is for another purpose: rulesets are signed with an Ed25519 key"),
        (public_pem(generate_private_key(SECP256K1())), "is for another purpose"),
        (
            json.dumps({"keys": [{**json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(OURS)), "kid": "a"}]}).encode(),
            "private",
        ),
    ],
)
def test_a_file_without_a_usable_key_is_refused_with_the_reason(content, words, tmp_path):
    with pytest.raises(SettingsError, match=words):
        public_keys(written(tmp_path / "key", content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no private key in PEM"),
        (public_pem(OURS), "no private key in PEM"),
        (pem(RSA), "signed with an Ed25519 key"),
        (pem(OURS, BestAvailableEncryption(b"a")), "protected by a password"),
    ],
    ids=["nothing", "a public key", "RSA", "protected"],
)
def test_a_key_that_cannot_sign_is_refused_with_the_reason(content, words, folder):
    with pytest.raises(InputError, match=words):
        signature(folder, content, NOW)


@pytest.mark.parametrize("change", ["a link to a folder", "a link out of the folder", "a pipe"])
def test_what_could_not_be_verified_is_not_signed(change, folder):
    CHANGES[change][0](folder)

    with pytest.raises(InputError):
        signature(folder, pem(OURS), NOW)


def cds(*words, **settings):
    found = CliRunner(env={"CDS_RULESETS": "", **settings}).invoke(main, list(map(str, words)))
    return found.exit_code, found.output


def test_the_commands_sign_verify_and_check(folder, tmp_path, key):
    private = written(tmp_path / "private.pem", pem(OURS))
    settings = {"CDS_RULESETS": str(folder), "CDS_RULESETS_KEY": str(key), "CDS_STATE": str(tmp_path / "var")}
    of = len([path for path in folder.rglob("*") if path.is_file()])

    assert (2, f"mistake: rulesets/{NAME}:1: there is no such file: the rulesets are not signed\n") == cds(
        "config", "check", **settings
    )
    assert (0, f"{of} files signed in {folder / NAME}\n") == cds("sign", "--key", private, "--rulesets", folder)
    assert 0 == cds("verify", "--key", key, "--rulesets", folder)[0]
    assert cds("verify", **settings)[1].startswith(f"{of} files are as they were signed at 20")
    assert 0 == cds("config", "check", **settings)[0]
    (folder / RULES).write_text("")
    assert (3, f"cds: rulesets/{RULES}:1: is not as it was signed\n") == cds("verify", **settings)
    assert 2 == cds("config", "check", **settings)[0]
    assert (2, "cds: no key: set CDS_RULESETS_KEY or use --key\n") == cds("verify")
