"""Alembic's folder: versions/ has one file per change of the tables, applied in order by `open_store`.

A new one: change the tables, then `alembic.autogenerate` against a store of the last version says what lacks;
`tests/test_store_migrations.py` fails until a migration brings an empty database to exactly the tables in code.
"""
