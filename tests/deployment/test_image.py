"""What of the image can be judged without building it: `make container` builds it, and judges the rest."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from cds import __version__
from cds.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
BUILDER, FINAL = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]


def instructions(stage, name):
    return re.findall(rf"^{name} +(.+)$", stage, re.MULTILINE)


def environment(stage):
    return dict(pair.split("=", 1) for line in instructions(stage, "ENV") for pair in line.split())


def test_the_image_is_of_this_version():
    assert f"VERSION={__version__}" in instructions(FINAL, "ARG")


def test_its_python_is_one_that_is_supported():
    (base,) = [word for word in instructions(DOCKERFILE, "ARG") if word.startswith("BASE_IMAGE=")]
    version = re.fullmatch(r"BASE_IMAGE=python:3\.(\d+)-slim-[a-z]+", base)

    assert version
    assert f'requires-python = ">=3.11,<3.{int(version[1]) + 1}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_it_is_put_together_from_nothing():
    assert FINAL.startswith("scratch\n")
    assert [] == instructions(FINAL, "RUN") + instructions(FINAL, "ADD")


def test_its_user_has_a_number_and_is_not_root():
    assert ["10001:10001"] == instructions(FINAL, "USER")


def test_no_command_needs_a_shell():
    commands = instructions(FINAL, "ENTRYPOINT") + instructions(FINAL, "CMD")
    checks = [line.partition("CMD ")[2] for line in instructions(FINAL, "HEALTHCHECK")]

    assert ['["cds"]', '["serve"]', '["cds", "healthy"]'] == commands + checks


def test_its_settings_are_settings(monkeypatch):
    given = {name: value for name, value in environment(FINAL).items() if name.startswith("CDS_")}
    settings = Settings.from_environment(given)

    assert ("0.0.0.0", Path("/var/lib/cds")) == (settings.host, settings.state)
    assert [str(settings.state)] == instructions(FINAL, "VOLUME")
    assert [str(settings.port)] == instructions(FINAL, "EXPOSE")


def test_a_build_sees_what_it_copies_and_no_more():
    copied = [word.rstrip("/") for line in instructions(BUILDER, "COPY") for word in line.split()[:-1]]
    shown = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line.removeprefix("!") for line in shown if line.startswith("!")]

    assert "*" in shown
    assert [] == [name for name in copied if not any(fnmatch(each, f"{name}*") for each in allowed)]
    assert [] == [each for each in allowed if not any(each.startswith(name) for name in copied)]
    assert [] == [each for each in allowed if not (ROOT / each).exists()]


@pytest.mark.parametrize("secret", ["pip.conf", "authority", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"])
def test_where_packages_come_from_is_a_secret_of_the_build(secret):
    """Neither an argument nor the environment: both stay in the history of an image."""
    lines = instructions(DOCKERFILE, "ARG") + instructions(DOCKERFILE, "ENV") + instructions(DOCKERFILE, "COPY")

    assert [] == [line for line in lines if secret in line]
