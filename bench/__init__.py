"""Measurements of the service: decoding, reading, and whole requests against the limit of the machine."""
