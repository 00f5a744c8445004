"""What the workbench writes as pages, in a real browser: on a phone as well, nothing reaches beyond the edge."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.web.chromium import browser

SOUND = Path(__file__).parent / "seeded" / "coverage"
LONG = "url: https://cds.example.org/rulesets/" + "of-a-name-without-end/" * 6 + "pain"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Of rulesets with an address that is longer than any line."""
    folder = tmp_path_factory.mktemp("pages")
    rulesets = Path(shutil.copytree(SOUND, folder / "rulesets"))
    ruleset = rulesets / "demo" / "pain" / "ruleset.yaml"
    lines = [LONG if line.startswith("url:") else line for line in ruleset.read_text(encoding="utf-8").splitlines()]
    ruleset.write_text("\n".join(lines), encoding="utf-8")
    there = ["--rulesets", str(rulesets), "--html"]
    for words in (
        ["test", *there, "cases.html"],
        ["coverage", *there, "shown"],
        ["mutate", "--jobs", "1", *there, "put"],
    ):
        CliRunner().invoke(main, [*words[:-1], str(folder / words[-1])])
    return sorted(folder.glob("**/*.html"))


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_is_wider_than_the_window(pages, width):
    with browser() as chromium:
        wider = []
        for page in pages:
            chromium.open(page.as_uri(), width=width)
            wider += [page.name] * chromium.value("document.documentElement.scrollWidth > innerWidth")

    assert (5, []) == (len(pages), wider)
