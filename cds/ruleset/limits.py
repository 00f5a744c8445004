"""The sizes beyond which a ruleset is refused when it is loaded, because the engine could not bear them at run time."""

from __future__ import annotations

# The engine joins at most 16 facts in one match; the conditions of a rule are on no more facts than there are of them.
MAX_CONDITIONS = 16

# The engine cuts stages into blocks that it can bear; this only keeps the search for their order short.
MAX_RULES_PER_STAGE = 200

# Rules that feed each other in a circle have to share a block. The engine crashes, or never returns from compiling,
# with 512 patterns, with 256 that begin alike, or with 64 about one fact: these are well below.
MAX_CIRCLE = 200
MAX_BRANCHES = 50

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
