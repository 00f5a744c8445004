"""Facts about medicines: exposure, days of use, days of headache, orders under review."""
