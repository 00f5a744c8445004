"""How the tables came to be, step by step, for databases of every age. Steps only add: two releases may run at once."""
