"""Cases made by search: they hold fast what the rules do today, where no case from a document does."""
