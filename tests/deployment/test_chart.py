"""The chart agrees with image and service; `docker/validate` holds it against the schemas of Kubernetes."""

import json
import re
from pathlib import Path

import pytest
import yaml

from cds import __version__
from cds.serve.workers import STOP_SECONDS
from cds.settings import Settings

DOCKER = Path(__file__).parents[2] / "docker"
CHART = DOCKER / "chart"
VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
TEMPLATES = {
    path.name: path.read_text(encoding="utf-8") for path in sorted(CHART.glob("templates/**/*")) if path.is_file()
}
PODS = ["ready.yaml", "schema.yaml", "statefulset.yaml"]
SERVICE = TEMPLATES["statefulset.yaml"]


def test_the_chart_is_of_this_version():
    told = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))

    assert (__version__, __version__) == (told["version"], told["appVersion"])


def test_the_service_takes_its_settings(tmp_path):
    secrets = {"database-url": "postgresql://cds@database/cds", "pseudonym-key": "p" * 64, "record-keys": "r" * 64}
    files = dict(re.findall(r"name: (CDS_\w+_FILE), value: /run/secrets/cds/([a-z-]+)", TEMPLATES["_names.tpl"]))
    for name, text in secrets.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = Settings.from_environment(VALUES["settings"] | {name: str(tmp_path / file) for name, file in files.items()})

    assert set(secrets) == set(files.values())
    assert (secrets["database-url"], VALUES["settings"]["CDS_PUBLIC_URL"]) == (told.database_url, told.public_url)
    assert f"{told.max_body_bytes}" == VALUES["ingress"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]


def test_every_setting_it_names_is_one():
    named = {name.removesuffix("_FILE") for text in TEMPLATES.values() for name in re.findall(r"\bCDS_[A-Z_]+\b", text)}
    known = (DOCKER.parent / "cds" / "settings" / "variables.py").read_text(encoding="utf-8")

    assert set() == {name for name in named if f'"{name}"' not in known}


@pytest.mark.parametrize("name", PODS)
def test_every_pod_is_held_tight(name):
    pod, container = (TEMPLATES["_names.tpl"].partition(f'define "cds.{part}"')[2] for part in ("pod", "container"))

    assert 'include "cds.pod"' in TEMPLATES[name]
    assert 'include "cds.container"' in TEMPLATES[name]
    for held in (
        "runAsNonRoot: true",
        "runAsUser: 10001",
        "type: RuntimeDefault",
        "automountServiceAccountToken: false",
    ):
        assert held in pod
    for held in ("readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "drop: [ALL]"):
        assert held in container


def test_no_service_of_the_cluster_becomes_a_setting():
    """One of the name cds would set CDS_PORT to an address, and the service would refuse it."""
    assert "enableServiceLinks: false" in TEMPLATES["_names.tpl"].partition('define "cds.pod"')[2]


def test_it_is_asked_where_it_answers():
    """Alive is not ready: a service that would refuse every call is not restarted for it."""
    probes = dict(re.findall(r"(\w+)Probe:\n\s+httpGet: {path: (/\w+), port: http}", SERVICE))

    assert {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"} == probes
    assert "containerPort: 8080" in SERVICE
    assert "CDS_PORT=8080" in (DOCKER / "Dockerfile").read_text(encoding="utf-8")


def test_it_gets_the_time_it_needs_to_stop():
    """The news spreads, calls under way are answered, and there is some left."""
    assert f"terminationGracePeriodSeconds: {{{{ add .Values.stopDelay {STOP_SECONDS} 10 }}}}" in SERVICE
    assert "{name: CDS_STOP_DELAY, value: {{ .Values.stopDelay | quote }}}" in SERVICE
    assert VALUES["stopDelay"] >= 5


def test_what_the_chart_or_the_image_sets_is_not_a_setting_of_the_site():
    """One of the two would count, and the other be passed over without a word."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    image = re.findall(r"\b(CDS_[A-Z_]+)=", (DOCKER / "Dockerfile").read_text(encoding="utf-8"))
    own = {*image, *re.findall(r"name: (CDS_[A-Z_]+)", SERVICE + TEMPLATES["_names.tpl"])}

    refused = set(schema["properties"]["settings"]["propertyNames"]["not"]["enum"])
    assert own | {name.removesuffix("_FILE") for name in own} == refused
    assert set() == refused & VALUES["settings"].keys()


def test_metrics_are_not_where_calls_are():
    """The Service of the calls may be a LoadBalancer, and metrics ask nobody who they are."""
    of_calls, of_metrics, *_ = TEMPLATES["service.yaml"].split("\n---\n")

    assert (1, 0) == (of_calls.count("targetPort: http}"), of_calls.count("targetPort: metrics}"))
    assert (0, 1) == (of_metrics.count("targetPort: http}"), of_metrics.count("targetPort: metrics}"))
    assert "clusterIP: None" in of_metrics
    assert ".Values.service.type" not in of_metrics


def test_a_list_of_nobody_lets_nobody_in():
    """To Kubernetes, a `from` or `to` without entries is everybody: such a list is left out."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    lists = schema["properties"]["networkPolicy"]["properties"].items()
    may_be_empty = {name for name, part in lists if part["type"] == "array" and "minItems" not in part}
    written = {*re.findall(r"toYaml \.Values\.networkPolicy\.(\w+)", "".join(TEMPLATES.values()))}

    assert {"from", "metricsFrom", "fhir", "collector"} == may_be_empty
    assert set() == written & may_be_empty


def test_only_the_service_gets_calls():
    """The pods that make tables and that test have other labels."""
    labelled = [name for name, text in TEMPLATES.items() if "app.kubernetes.io/component: service" in text]

    assert ["_names.tpl", "statefulset.yaml"] == labelled


def test_what_a_site_may_set_is_what_it_is_told_it_may_set():
    """A value that is mistyped is refused, at every depth that is the chart's own."""
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    inner = {name: part for name, part in schema["properties"].items() if part.get("additionalProperties") is False}

    assert schema["additionalProperties"] is False
    assert {*VALUES, "global"} == set(schema["properties"])
    assert {name: set(VALUES[name]) for name in inner} == {
        name: set(part["properties"]) for name, part in inner.items()
    }


def test_tables_are_made_also_where_nothing_may_go_out_unless_it_is_said():
    """The job comes before the other policy; its own comes before it."""
    job, policy = TEMPLATES["schema.yaml"].split("kind: NetworkPolicy")

    assert 'helm.sh/hook-weight: "-1"' in policy
    assert "app.kubernetes.io/component: schema" in job
    assert "app.kubernetes.io/component: schema" in policy
    assert 'include "cds.to-database"' in policy
