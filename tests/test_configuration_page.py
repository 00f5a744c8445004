"""docs/configuration.md: every parameter there is, and what the clinical documents call configurable."""

import re

from cds.workbench.configuration import parameters, with_parameters
from tests import shipped
from tests.serving import ROOT

PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
RULESETS = ROOT / "rulesets"

# The names of spine.md 0.1, 0.3, 0.8 and 0.9 and of headache.md 2.5.
NAMED = re.findall(
    r"\S+",
    """
    profile ces.newWindowDays ces.pvrThresholdMl episode.gapDays img.earlyDays persist.fewWeeksDays smr.maxDays
    nsaid.longTermDays mme.caution mme.high paracetamol.maxMgPerDay beers.age hedis.windowDays quietDays
    measure.hedisLbp auc.annotate cfg.orderSelectInfo cfg.timeZone cfg.maxCards P.blockDays P.earlyDaysPerWeek
    P.earlyMode P.earlyIncludesMigraineDrugs P.mohDuration P.coverageHigh P.coverageMin P.selfReportMakesCertain
    P.aspirinAnalgesicMinMg P.countTopical P.countGepant P.attackGapHours P.newHeadacheDays P.puerperiumDays
    P.bpTriptanStop P.unitsPerUseDay P.profile P.quiet
    """,
)


def found():
    return list(parameters(RULESETS, shipped.knowledge()))


def rows():
    """The table of what the documents name: the name and what it is here."""
    lines = [line.split(" | ") for line in PAGE.splitlines() if line.startswith(("| spine", "| headache"))]
    return [(name, here) for _, name, here in lines]


def test_the_list_is_that_of_the_rulesets():
    assert with_parameters(PAGE, found()) == PAGE, "`cds parameters` writes it anew"


def test_every_name_of_the_documents_has_its_place_or_a_reason():
    told = {name for cell, _ in rows() for name in re.findall(r"`([^`]+)`", cell)}

    assert set(NAMED) == told
    assert all("`" in here or "fixed" in here for _, here in rows())


def test_what_the_table_names_is_a_parameter():
    known = {f"{one.ruleset}.{one.name}" for one in found()}
    named = {name for _, here in rows() for name in re.findall(r"`([a-z-]+\.[a-z_]+)`", here)}

    assert set() == named - known - {"services.yaml"}


def test_some_rule_turns_on_every_parameter():
    assert [] == [f"{one.ruleset}.{one.name}" for one in found() if not one.topics]


def test_the_rules_of_a_parameter_are_told_however_it_reaches_them():
    topics = {(one.ruleset, one.name): one.topics for one in found()}

    assert topics["spine-findings", "pvr_threshold"] == ("SRF-03",)  # in a condition
    assert topics["triptan-safety", "stop_systolic"] == ("HD-RX-002",)
    assert topics["paracetamol", "maximum"] == ("MED-26",)  # in a table
    assert "SRF-13" in topics["spine-findings", "episode_gap"]  # in a fact of another ruleset
