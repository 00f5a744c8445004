"""What rulesets would have said about patients whose records are at hand, visit by visit and order by order."""
