"""One FHIR server with every chart, and the service run twice: with the small ruleset and as it is shipped."""

from collections.abc import Iterator

import pytest

from tests.ehr.charts import sample, small, stories
from tests.ehr.client import Ehr
from tests.ehr.fhir_server import FhirServer
from tests.hooks.messages import RULESETS
from tests.serving import running

SAMPLES = {
    name: sample(name)
    for name in (
        "butalbital-twenty-days-a-month",
        "cauda-equina-new-saddle-numbness",
        "encounter-discharge-butalbital-taper",
        "encounter-start-naproxen-as-needed",
        "epidural-abscess-picture",
        "healthy-runner-nothing-to-say",
        "ibuprofen-every-other-day-for-sciatica-with-migraine",
        "opioid-substitution-with-migraine",
        "order-select-naproxen-the-others-not-selected",
        "order-sign-eighteen-triptan-tablets",
        "prostate-cancer-night-pain",
        "triptan-diary-over-three-months",
    )
}
STORIES = stories()
READ_SECONDS = 2  # for all reads of one call together
WARDS = 150  # bases with the small chart, one for each test that makes its server fail: the service remembers failures


@pytest.fixture(scope="session")
def fhir() -> Iterator[FhirServer]:
    wards = {f"ward-{number}": small() for number in range(WARDS)}
    patients = {f"story-{name}": chart for name, chart in STORIES.items()}
    with FhirServer({name: visit.chart for name, visit in SAMPLES.items()} | wards | patients) as server:
        yield server


@pytest.fixture(scope="session")
def options(fhir, tmp_path_factory):
    """Of both services. The budget of cards is large: what it leaves out is not what is asked here."""
    return {
        "CDS_FHIR_SERVERS": ",".join(fhir.base(chart) for chart in fhir.charts if not chart.startswith("story-")),
        "CDS_PRIVATE_NETWORKS": "127.0.0.0/8",
        "CDS_FHIR_MILLISECONDS": str(READ_SECONDS * 1_000),
        "CDS_MAX_CARDS": "50",
        "CDS_STATE": str(tmp_path_factory.mktemp("state")),
    }


@pytest.fixture(scope="session")
def shipped(options) -> Iterator[str]:
    with running(**options) as base:
        yield base


@pytest.fixture(scope="session")
def reduced(options, tmp_path_factory) -> Iterator[str]:
    with running(
        **{**options, "CDS_RULESETS": str(RULESETS), "CDS_STATE": str(tmp_path_factory.mktemp("state"))}
    ) as base:
        yield base


@pytest.fixture(scope="session")
def wards(reduced, fhir) -> Iterator[Ehr]:
    """EHRs with the same chart, each with a FHIR server that nobody has seen fail."""
    return (Ehr(reduced, fhir.base(f"ward-{number}")) for number in range(WARDS))
