"""Faults that are put into the service as it is shipped, and what it has to do all the same."""
