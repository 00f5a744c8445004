"""The pages of the service in a real browser: nothing is refused, nothing is cut off, everything can be read."""

from itertools import pairwise

import pytest

from tests.serve.processes import awaited
from tests.web.chromium import browser

PAGES = BIG, SMALL, LIST, FIRST = "/rulesets/medication-overuse", "/rulesets/first-triptan", "/rulesets", "/"
PHONE, DESKTOP = 390, 1280

# Of every text that is seen: its contrast with what is behind it, by WCAG 2.2, 1.4.3. Large is 24 px, or 18.66 px bold.
CONTRAST = """(() => {
  const channel = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const parsed = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parsed(getComputedStyle(one).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const seen = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const pair = [light(parsed(style.color)), light(behind(element))].sort((a, b) => b - a);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (pair[0] + .05) / (pair[1] + .05);
    if (ratio < (large ? 3 : 4.5)) seen.set(element.className + ' ' + element.tagName, ratio.toFixed(2));
  }
  return [...seen];
})()"""

# What reaches beyond the right edge, without a region around it that can be scrolled.
BEYOND = """[...document.querySelectorAll('body *')].filter(one =>
  !one.closest('.scroll, .skip') && one.getBoundingClientRect().right > innerWidth + 1
).slice(0, 5).map(one => one.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def chromium():
    with browser() as one:
        yield one


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_refuses_nothing_of_a_page_and_no_script_is_there(shipped_service, chromium, path):
    chromium.said.clear()
    chromium.open(shipped_service + path)

    assert [] == chromium.said
    assert 0 == chromium.value("document.scripts.length")
    assert "0px" == chromium.value("getComputedStyle(document.body).marginTop")  # the style sheet holds
    assert [] == chromium.value("performance.getEntriesByType('resource').map(one => one.name)")


def test_what_cannot_be_read_or_is_cut_off_would_be_seen(shipped_service, chromium):
    chromium.open(shipped_service + SMALL, width=PHONE)
    chromium.value("document.querySelector('.lead').style.color = '#999'")
    chromium.value("document.querySelector('h1').style.width = '900px'")

    assert ["lead P"] == [where for where, _ in chromium.value(CONTRAST)]
    assert chromium.value(BEYOND)[0].startswith("<h1")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_every_text_stands_out_from_what_is_behind_it(shipped_service, chromium, path, dark):
    chromium.open(shipped_service + path, dark=dark)

    assert [] == chromium.value(CONTRAST)


@pytest.mark.parametrize("width", [320, PHONE, DESKTOP])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off(shipped_service, chromium, path, width):
    chromium.open(shipped_service + path, width=width)

    assert [] == chromium.value(BEYOND)
    assert chromium.value("document.documentElement.scrollWidth <= innerWidth")


def test_the_source_of_a_card_leads_to_its_rule(shipped_service, chromium):
    chromium.open(f"{shipped_service}/rulesets/medication-overuse/1.0.0#rule-HD-MOH-010.card")

    assert "rule-HD-MOH-010.card" == chromium.value("document.querySelector(':target').id")
    assert awaited(lambda: chromium.value("scrollY > 0"))


def test_a_search_needs_no_script(shipped_service, chromium):
    chromium.open(f"{shipped_service}/rulesets?q=triptan")

    assert "triptan" == chromium.value("document.querySelector('input').value")
    assert 0 < chromium.value("document.querySelectorAll('.shelf li').length") < 87


@pytest.mark.parametrize("path", PAGES)
def test_headings_follow_each_other_without_a_gap(shipped_service, chromium, path):
    chromium.open(shipped_service + path)
    levels = chromium.value("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => Number(one.tagName[1]))")

    assert (1, 1) == (levels[0], levels.count(1))
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
def test_landmarks_have_names_of_their_own(shipped_service, chromium, path):
    chromium.open(shipped_service + path)
    names = chromium.value(
        "[...document.querySelectorAll('section, nav, [role=region]')].map(one =>"
        "  one.getAttribute('aria-label') ?? document.getElementById(one.getAttribute('aria-labelledby'))?.textContent"
        ").map(name => name?.trim())"
    )

    assert [] == [name for name in names if names.count(name) > 1 or not name]
