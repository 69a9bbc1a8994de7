"""The data of a published event, read as the model of its type."""

from pydantic import ValidationError

from shared.contracts.envelope import Envelope, MalformedEventError, problems_of
from shared.contracts.events import EVENT_BY_WIRE_TYPE, EventData
from shared.contracts.upcasting import newest


class UnknownEventTypeError(Exception):
    """The envelope is sound, but nobody here knows its type: a newer version, or another system's event."""

    def __init__(self, wire_type: str) -> None:
        super().__init__(f"unknown event type {wire_type!r}")
        self.wire_type = wire_type


def parse_data(envelope: Envelope) -> EventData:
    """Read an envelope's data as the model of its type, or of that type's newest version.

    Raises:
        UnknownEventTypeError: the type is in no registry of ours.
        MalformedEventError: the data does not fit the type.
    """
    model = EVENT_BY_WIRE_TYPE.get(envelope.type)
    if model is None:
        raise UnknownEventTypeError(envelope.type)
    try:
        return newest(model.model_validate(envelope.data))
    except ValidationError as error:
        raise MalformedEventError(problems_of(error)) from error
