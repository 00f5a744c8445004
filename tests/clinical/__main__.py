"""Writes docs/clinical-coverage.md anew: `python -m tests.clinical`."""

from tests.clinical.page import FILE, built, page

FILE.write_text(page(built()), encoding="utf-8")
