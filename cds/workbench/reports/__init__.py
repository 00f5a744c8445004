"""What came of the cases, told to people, to build servers and on a page."""
