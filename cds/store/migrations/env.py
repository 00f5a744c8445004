"""What Alembic runs for each command: in a transaction that is open already, on the connection it was given."""

from alembic import context

from cds.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can, too, since its transactions are begun by cds.store.database
)
context.run_migrations()
