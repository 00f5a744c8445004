"""What one version of a ruleset is, does and rests on, told for people and programs alike."""
