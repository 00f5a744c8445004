"""The web application: Flask at the edge of the protocol, and nowhere else."""
