"""Auditoriums in the write database."""

from typing import Any

from sqlalchemy import RowMapping, Select, insert, select
from sqlalchemy.orm import Session

from shared.application.streams import auditorium_stream
from shared.domain.catalogue.auditorium import Auditorium, AuditoriumId, AuditoriumState
from shared.domain.catalogue.seat_layout import SeatLayout, SeatRow
from shared.infrastructure.sql.changed_aggregates import ChangedAggregates, newborn, update_if_unchanged
from shared.infrastructure.sql.outbox_writer import open_stream
from shared.infrastructure.sql.row_locks import locked
from shared.infrastructure.sql.write_tables import auditoriums


class SqlAuditoriumRepository:
    """One row an auditorium, with its layout in it."""

    def __init__(self, session: Session, *, changed: ChangedAggregates) -> None:
        """Work within a unit of work's session."""
        self._session = session
        self._changed = changed

    def find(self, auditorium_id: AuditoriumId) -> Auditorium | None:
        """The auditorium as last committed, not locked."""
        return self._first(_by_id(auditorium_id))

    def find_for_update(self, auditorium_id: AuditoriumId) -> Auditorium | None:
        """The auditorium, locked."""
        return self._first(locked(_by_id(auditorium_id), auditoriums))

    def add(self, auditorium: Auditorium) -> None:
        """Insert the auditorium and open its stream."""
        state = auditorium.state
        with newborn():
            self._session.execute(
                insert(auditoriums).values(
                    AuditoriumId=str(state.auditorium_id),
                    Name=state.name,
                    Layout=_layout_as_json(state.layout),
                    Version=state.version,
                )
            )
            open_stream(self._session, auditorium_stream(state.auditorium_id))
        self._changed.note(auditorium)

    def save(self, auditorium: Auditorium) -> None:
        """Update the auditorium's row if anything has happened."""
        if not auditorium.new_events:
            return
        state = auditorium.state
        update_if_unchanged(
            self._session,
            table=auditoriums,
            key=auditoriums.c.AuditoriumId == str(state.auditorium_id),
            aggregate=auditorium,
            values={"Name": state.name, "Layout": _layout_as_json(state.layout)},
        )
        self._changed.note(auditorium)

    def _first(self, query: Select[Any]) -> Auditorium | None:
        row = self._session.execute(query).mappings().first()
        return Auditorium.restore(_state(row)) if row else None


def _by_id(auditorium_id: AuditoriumId) -> Select[Any]:
    return select(auditoriums).where(auditoriums.c.AuditoriumId == str(auditorium_id))


def _layout_as_json(layout: SeatLayout) -> list[dict[str, object]]:
    return [{"row": row.row, "seats": row.seats} for row in layout.rows]


def _state(row: RowMapping) -> AuditoriumState:
    return AuditoriumState(
        auditorium_id=AuditoriumId(row["AuditoriumId"]),
        name=row["Name"],
        layout=SeatLayout(tuple(SeatRow(stored["row"], stored["seats"]) for stored in row["Layout"])),
        version=row["Version"],
    )
