"""What is kept: decisions and feedback on their way through the spool into the database, and what is asked of it."""
