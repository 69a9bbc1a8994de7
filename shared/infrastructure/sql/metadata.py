"""The two databases' table registries, with one convention for the names of their constraints."""

from sqlalchemy import MetaData

_NAMES = {
    "pk": "PK_%(table_name)s",
    "uq": "UQ_%(table_name)s_%(column_0_N_name)s",
    "fk": "FK_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "ix": "IX_%(table_name)s_%(column_0_N_name)s",
    "ck": "CK_%(table_name)s_%(constraint_name)s",
}

write_metadata = MetaData(naming_convention=_NAMES)
"""Tables of the write database, CinemaDb."""

reporting_metadata = MetaData(naming_convention=_NAMES)
"""Tables of the reporting database, MasterDb."""
