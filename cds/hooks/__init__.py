"""The CDS Hooks protocol: requests, prefetch, cards. Knows no web framework."""
