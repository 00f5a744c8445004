"""Who may call: clients, their keys and tokens; what must not be read by others: pseudonyms and sealed texts."""
