"""Reading what a client did not send from its FHIR server: which server, what the token allows, page by page."""
