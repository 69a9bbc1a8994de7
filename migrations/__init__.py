"""The schemas of the two databases, as Alembic revisions: one branch for each.

    python -m migrations upgrade       bring both databases, named by the environment, to the newest revision

`write/versions` is for CinemaDb, `reporting/versions` for MasterDb. A revision is a module written by hand: copy the newest
one of its branch, raise the number, set `down_revision` to the one before, and say what changes with `op`. It must run
on SQL Server, PostgreSQL and SQLite. A test fails when the revisions and the tables in `shared/infrastructure/sql`
disagree. Revisions are never edited once released, and only go forward.
"""
