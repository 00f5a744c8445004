"""Clinical decision-support rules as a CDS Hooks service."""

__version__ = "0.1.0"
