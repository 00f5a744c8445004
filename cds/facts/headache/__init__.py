"""Headache attacks as facts (headache.md HD-CLS-001)."""
