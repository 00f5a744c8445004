"""What a ruleset says, as pure data: the language, its loader, its checks and its value sets."""
