"""What can be proven of rulesets without a patient, each finding with the facts that show it where there are such."""
