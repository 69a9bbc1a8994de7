"""What docs/events publishes is what the models say, and never says anything else under the same name."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime

from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS, sinks_of
from shared.contracts import asyncapi
from shared.contracts.envelope import Envelope, render_unsequenced, schema_path, with_sequence
from shared.contracts.events import PUBLISHED_EVENTS, EventData, MovieRegistered, MovieState
from shared.contracts.generate import (
    APPROVED,
    FOLDER,
    PublishedSchemaChangedError,
    PublishedSchemaRemovedError,
    generate,
)
from shared.contracts.json_schemas import event_schema, meaning_digest
from shared.settings import MasterSettings
from tests.builders.published_events import NOON, an_id
from tests.schemas.published import problems_of_event, published_schemas

pytestmark = pytest.mark.unit

EVERY_EVENT = pytest.mark.parametrize("event", PUBLISHED_EVENTS, ids=lambda event: event.wire_type)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of what is published, to generate into."""
    return Path(shutil.copytree(FOLDER, tmp_path / "events"))


def test_published_documents_are_those_of_the_models(tmp_path: Path) -> None:
    stale = [
        path.as_posix()
        for path in generate(tmp_path)
        if not (FOLDER / path).exists() or (FOLDER / path).read_bytes() != (tmp_path / path).read_bytes()
    ]
    assert stale == [], "run `make events`; it refuses if a published schema would mean something else"


def test_no_document_is_left_from_an_event_that_is_not_generated_any_more(tmp_path: Path) -> None:
    generated = set(generate(tmp_path))
    assert {path.relative_to(FOLDER) for path in FOLDER.rglob("*.json")} == generated


def test_every_published_schema_still_has_the_meaning_that_was_approved() -> None:
    """Editing model and schema together is not enough: a change needs a new wire type, see versioning.md."""
    approved = json.loads((FOLDER / APPROVED).read_text())
    schemas = {f"/{path.relative_to(FOLDER)}": path for path in (FOLDER / "schemas").rglob("*.json")}
    digests = {name: meaning_digest(json.loads(path.read_text())) for name, path in schemas.items()}
    assert digests == approved


def renamed_field() -> type[EventData]:
    class Changed(EventData):
        wire_type = MovieRegistered.wire_type
        movie_id: str
        name: str
        runtime_minutes: int
        version: int

    return Changed


def another_type() -> type[EventData]:
    class Changed(MovieState):
        wire_type = MovieRegistered.wire_type
        runtime_minutes: float  # pyright: ignore[reportIncompatibleVariableOverride] # the mistake to be caught

    return Changed


def new_field() -> type[EventData]:
    class Changed(MovieState):
        wire_type = MovieRegistered.wire_type
        director: str | None = None

    return Changed


def instead_of_movie_registered(changed: type[EventData]) -> list[type[EventData]]:
    return [changed if event is MovieRegistered else event for event in PUBLISHED_EVENTS]


@pytest.mark.parametrize("change", [renamed_field, another_type, new_field])
def test_a_changed_model_under_a_published_name_is_refused(folder: Path, change: Any) -> None:
    before = (folder / f"schemas/events/{MovieRegistered.wire_type}.json").read_text()
    with pytest.raises(PublishedSchemaChangedError, match="a new wire type"):
        generate(folder, events=instead_of_movie_registered(change()))
    assert (folder / f"schemas/events/{MovieRegistered.wire_type}.json").read_text() == before


def test_words_that_explain_a_field_may_be_improved(folder: Path) -> None:
    class BetterTold(MovieState):
        """A movie that the cinema has not shown before."""

        wire_type = MovieRegistered.wire_type

    assert meaning_digest(event_schema(BetterTold)) == meaning_digest(event_schema(MovieRegistered))
    generate(folder, events=instead_of_movie_registered(BetterTold))


def test_a_published_event_can_not_be_withdrawn(folder: Path) -> None:
    with pytest.raises(PublishedSchemaRemovedError) as refusal:
        generate(folder, events=PUBLISHED_EVENTS[1:])
    assert refusal.value.paths == [schema_path(PUBLISHED_EVENTS[0].wire_type)]


def test_a_field_that_is_called_like_an_annotation_counts() -> None:
    """`title` below `properties` is a movie's title, not the schema's."""

    class Untitled(EventData):
        wire_type = MovieRegistered.wire_type
        movie_id: str
        runtime_minutes: int
        version: int

    schema, other = event_schema(MovieRegistered), event_schema(Untitled)
    assert "title" in schema["properties"]
    schema["required"].remove("title")
    assert meaning_digest(schema) != meaning_digest(other)


@EVERY_EVENT
def test_a_schema_is_where_the_envelope_says(event: type[EventData]) -> None:
    schema = json.loads((FOLDER / schema_path(event.wire_type).removeprefix("/")).read_text())
    assert schema["$id"] == schema_path(event.wire_type)


st.register_type_strategy(cast(Any, AwareDatetime), st.datetimes(timezones=st.just(UTC)))


def envelope_of(data: EventData, *, traceparent: str | None) -> str:
    envelope = Envelope(
        id=an_id("event"),
        type=data.wire_type,
        subject="a-subject",
        time=NOON,
        dataschema=schema_path(data.wire_type),
        partitionkey="a-stream",
        traceparent=traceparent,
        data=data.model_dump(mode="json", by_alias=True),
    )
    return with_sequence(render_unsequenced(envelope), sequence=1)


@EVERY_EVENT
@settings(max_examples=40)
@given(drawn=st.data(), traceparent=st.none() | st.text())
def test_whatever_a_model_holds_fits_its_published_schema(
    event: type[EventData], drawn: st.DataObject, traceparent: str | None
) -> None:
    data = drawn.draw(st.from_type(event))
    assert problems_of_event(envelope_of(data, traceparent=traceparent)) == []


def wrong_events() -> Iterator[Any]:
    movie = MovieRegistered(movie_id="tt1375666", title="Inception", runtime_minutes=148, version=1)
    sound = json.loads(envelope_of(movie, traceparent=None))
    yield pytest.param(sound | {"data": {**sound["data"], "version": "1"}}, id="text for a number")
    yield pytest.param(sound | {"data": {"title": "Inception"}}, id="fields are missing")
    yield pytest.param(sound | {"time": "noon"}, id="no time")
    yield pytest.param(sound | {"sequence": 0}, id="sequences begin at 1")
    yield pytest.param(sound | {"dataschema": "/schemas/events/other.json"}, id="another schema")
    yield pytest.param({name: sound[name] for name in sound if name != "specversion"}, id="no CloudEvent")


@pytest.mark.parametrize("event", list(wrong_events()))
def test_the_published_schemas_refuse_what_is_no_event_of_ours(event: dict[str, Any]) -> None:
    assert problems_of_event(json.dumps(event)) != []


@EVERY_EVENT
def test_the_channels_carry_what_the_outbox_routes_there(event: type[EventData]) -> None:
    channels = published_schemas().documents["asyncapi.json"]["channels"]
    carried = {name for name, channel in channels.items() if event.wire_type in channel["messages"]}
    names = {DOMAIN_EVENTS: "domainEvents", RESERVATIONS: "reservations"}
    assert carried == {names[sink] for sink in sinks_of(event.wire_type) if sink in names}


def test_channels_have_the_names_of_the_hubs() -> None:
    fields = MasterSettings.model_fields
    hubs = (fields["domain_events_hub"].default, fields["reservations_hub"].default)
    assert hubs == (asyncapi.DOMAIN_EVENTS, asyncapi.RESERVATIONS)


def references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        for key, value in document.items():  # pyright: ignore[reportUnknownVariableType]
            if key == "$ref":
                yield str(value)  # pyright: ignore[reportUnknownArgumentType]
            yield from references(value)
    elif isinstance(document, list):
        for item in document:  # pyright: ignore[reportUnknownVariableType]
            yield from references(item)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    schemas = published_schemas()
    found = list(references(schemas.documents["asyncapi.json"]))
    assert found
    for reference in found:
        assert schemas.resolved(reference)[1]
