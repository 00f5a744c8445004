"""Mutation testing of rulesets: small mistakes put into them on purpose, and whether some case notices each."""
