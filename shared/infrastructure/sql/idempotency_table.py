"""The table of the answers to commands. It knows no aggregate: an answer is a text."""

from sqlalchemy import Column, Identity, Integer, Table

from shared.infrastructure.sql.metadata import write_metadata
from shared.infrastructure.sql.types import UtcDateTime, id_text, identity_type, payload_text

# What was answered to which command. The key is a client's, digested, or the command's own id.
idempotency = Table(
    "Idempotency",
    write_metadata,
    Column("Id", identity_type(), Identity(start=1), primary_key=True),
    Column("RequestKey", id_text(64), nullable=False, unique=True),
    Column("Fingerprint", id_text(64), nullable=False),
    Column("Answer", payload_text(), nullable=False),
    Column("Sequence", Integer, nullable=False),
    Column("CreatedAt", UtcDateTime, nullable=False),
)
