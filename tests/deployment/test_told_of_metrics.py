"""What is said of metrics (the page, the alarms, the dashboard) is of those that the service has."""

import json
import re
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from cds.serve.news import Loaded
from cds.serve.telling import Standing
from cds.settings import Settings
from cds.web.meters import Meters

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("## Metrics")[2].partition("\n## ")[0]
CHART = ROOT / "docker" / "chart"
DASHBOARD = json.loads((CHART / "dashboards" / "cds.json").read_text(encoding="utf-8"))
ALARMS = (CHART / "templates" / "alarms.yaml").read_text(encoding="utf-8").replace('\\"', '"')
OF_PROMETHEUS = {"job", "namespace", "le"}


def names(cell):
    return re.findall(r"`(\w+)`", cell)


def on_the_page():
    """By each metric: its labels. A row may be of several, with the labels of each after a semicolon."""
    rows = re.findall(r"^\| ((?:`(?:cds|http)_\w+`(?:, )?)+) \|(.*?)\|", PAGE, re.MULTILINE)
    for metrics, labels in rows:
        of_each = labels.split(";") if ";" in labels else [labels] * len(names(metrics))
        yield from zip(names(metrics), map(names, of_each), strict=True)


LABELS = {name: {*labels} for name, labels in on_the_page()}
EXPRESSIONS = {
    **{panel["title"]: " ".join(one["expr"] for one in panel["targets"]) for panel in DASHBOARD["panels"]},
    "the alarms of the chart": ALARMS,
    "the alarms of the page": " ".join(re.findall(r"`([^`]*[{(][^`]*)`", PAGE.partition("Alarms worth having")[2])),
}


def test_the_page_has_every_metric_and_no_other(tmp_path):
    standing = Standing(Settings(state=tmp_path))
    standing.loaded = Loaded("", "f", {"a": "1.0.0"}, {"a": date(2026, 1, 1)}, 0)
    found = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for source in (Meters().registry, standing)
        for family in source.collect()
    }

    assert found == LABELS.keys()


@pytest.mark.parametrize("place", EXPRESSIONS)
def test_what_is_asked_for_is_there_with_these_labels(place):
    text = EXPRESSIONS[place]
    metrics = {re.sub(r"_(bucket|count)$", "", name) for name in re.findall(r"\b(?:cds|http)_\w+", text)}
    asked = {*re.findall(r"(\w+)=~?\"", text)}
    asked |= {label for by in re.findall(r"by \(([\w, ]+)\)", text) for label in by.split(", ")}

    assert metrics
    assert set() == metrics - LABELS.keys()
    assert asked <= set().union(*(LABELS[name] for name in metrics)) | OF_PROMETHEUS


def test_every_panel_has_a_place_of_its_own():
    squares = [
        {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
    ]

    assert not [True for one, other in combinations(squares, 2) if one & other]
    assert max(x for square in squares for x, _ in square) < 24
    assert len(squares) == len({panel["id"] for panel in DASHBOARD["panels"]})


def test_the_chart_brings_it_where_it_is_wanted():
    template = (CHART / "templates" / "dashboard.yaml").read_text(encoding="utf-8")
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))

    assert template.startswith("{{- if .Values.metrics.dashboard }}")
    assert '.Files.Get "dashboards/cds.json"' in template
    assert values["metrics"]["dashboard"] is False
