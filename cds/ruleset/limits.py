"""The sizes beyond which a ruleset is refused when it is loaded, because the engine could not bear them at run time."""

from __future__ import annotations

# The engine joins at most 16 facts in one match; two places are kept for the facts that steer a stage.
MAX_CONDITIONS = 14

# The engine never returns from compiling more than 512 rules, or about 256 that begin alike.
MAX_RULES_PER_STAGE = 200

# An `any` becomes one pattern for each alternative; more than this is a table that wants to be a value set.
MAX_ALTERNATIVES = 60

# CDS Hooks 2.0 demands a summary of fewer than 140 characters.
SUMMARY_LENGTH = 139

# CDS Hooks 2.0: a suggestion's label has to fit on a button.
LABEL_LENGTH = 80

# One file of rules, value sets or tests; the largest value set of the project has a tenth of this.
MAX_FILE_BYTES = 1_000_000

# Lists within mappings within lists: a card needs nine levels, a FHIR resource in a test about twenty.
MAX_DEPTH = 40
