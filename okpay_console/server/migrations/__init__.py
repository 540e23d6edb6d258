"""The history of the database's schema, one Alembic revision per change."""
