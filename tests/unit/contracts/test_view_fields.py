"""Documents of a release that knows a field more, beside a release that does not: docs/zero-downtime.md."""

from typing import Any

import pytest

from shared.contracts.cache_entries import decode_entry, encode_entry
from shared.contracts.documents import ShowtimeDocument
from tests.builders.view_documents import a_showtime

pytestmark = pytest.mark.unit


class NewerShowtime(ShowtimeDocument):
    """What the next release writes."""

    wheelchair_places: int = 0


def stored(document: ShowtimeDocument) -> dict[str, Any]:
    return document.model_dump(mode="json", by_alias=True)


def of_the_next_release() -> NewerShowtime:
    return NewerShowtime.model_validate({**stored(a_showtime(claims={"A-1": "Held"})), "wheelchairPlaces": 2})


def test_an_older_reader_passes_over_a_field_that_it_does_not_know() -> None:
    newer = of_the_next_release()
    assert ShowtimeDocument.model_validate(stored(newer)).claims == newer.claims


def test_so_it_does_in_the_cache() -> None:
    newer = of_the_next_release()
    entry = decode_entry(encode_entry(rev=newer.rev, document=newer.model_dump_json(by_alias=True).encode()))
    assert entry.document is not None
    assert ShowtimeDocument.model_validate_json(entry.document).claims == newer.claims


def test_a_document_that_lacks_a_field_has_its_default() -> None:
    assert NewerShowtime.model_validate(stored(a_showtime())).wheelchair_places == 0


def test_an_older_projector_leaves_the_new_field_out_so_that_a_rebuild_is_needed() -> None:
    replaced_by_older = stored(ShowtimeDocument.model_validate(stored(of_the_next_release())))
    assert NewerShowtime.model_validate(replaced_by_older).wheelchair_places == 0
