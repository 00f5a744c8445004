"""Writes docs/conformance.md anew: `python -m tests.conformance`."""

from tests.conformance.page import FILE, page
from tests.conformance.proofs import proofs
from tests.conformance.requirements import sections

FILE.write_text(page(sections(), proofs()), encoding="utf-8")
