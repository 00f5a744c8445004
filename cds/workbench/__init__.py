"""Tools of the rule author. Never on the request path."""
