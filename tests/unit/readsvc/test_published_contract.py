"""What clients were told stays true: the proto may only grow."""

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from readsvc.protos import contract
from readsvc.protos.compiler import PROTOS, SOURCE, described
from readsvc.protos.contract import (
    APPROVED,
    BufError,
    approved_contract,
    approved_text,
    breaking_changes,
    lint_problems,
    ours,
)

pytestmark = pytest.mark.unit

TEXT = (PROTOS / SOURCE).read_text()


@pytest.fixture
def approved() -> FileDescriptorProto:
    return approved_contract(APPROVED.read_text())


def changed(folder: Path, old: str, new: str) -> FileDescriptorSet:
    """The protos with a change in their text."""
    assert TEXT.count(old) == 1, f"{old!r} is not there once"
    path = folder / SOURCE
    path.parent.mkdir(parents=True)
    path.write_text(TEXT.replace(old, new))
    return described(folder)


def test_what_was_approved_still_holds_and_all_of_it_is_approved(approved: FileDescriptorProto) -> None:
    assert breaking_changes(described(), approved=approved) == []
    assert approved_text(ours(described())) == APPROVED.read_text(), "run `make proto`"


def test_nothing_of_the_contract_is_lost_on_paper(approved: FileDescriptorProto) -> None:
    """An option whose module is not imported would be."""
    assert approved == ours(described())


LIST_SHOWTIMES = TEXT[TEXT.index("  rpc ListShowtimes(") : TEXT.index("  // One reservation, with")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("int32 free_seats = 8;", "int32 free_seats = 18;", "free_seats"),
        ("int32 total_seats = 9;", "int64 total_seats = 9;", "int64"),
        ("ShowtimeSummary showtimes = 1;", "ShowtimeSummary listed = 1;", "listed"),
        ("  int32 runtime_minutes = 3;\n", "", "runtime_minutes"),
        (LIST_SHOWTIMES, "", "ListShowtimes"),
        ("returns (GetReservationResponse) {", "returns (stream GetReservationResponse) {", "stream"),
        (
            '{get: "/api/reservations/{reservation_id}"}',
            '{get: "/api/bookings/{reservation_id}"}',
            "/api/res",
        ),
    ],
    ids=["number", "type", "name", "field removed", "rpc removed", "stream", "path"],
)
def test_what_would_break_a_client_is_refused(
    tmp_path: Path, approved: FileDescriptorProto, old: str, new: str, said: str
) -> None:
    problems = breaking_changes(changed(tmp_path, old, new), approved=approved)
    assert any(said in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("int32 runtime_minutes = 3;", "int32 runtime_minutes = 3;\n  string director = 4;"),
        ("  // One showtime with its seat map.", "  // Better told."),
        (
            "service CinemaQuery {",
            "service CinemaQuery {\n  // More.\n  rpc GetMore(GetShowtimeRequest) returns (Movie);",
        ),
    ],
    ids=["field", "words", "rpc"],
)
def test_additions_and_better_words_pass(
    tmp_path: Path, approved: FileDescriptorProto, old: str, new: str
) -> None:
    assert breaking_changes(changed(tmp_path, old, new), approved=approved) == []


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what was approved, for the command to write on."""
    copy = tmp_path / "approved.json"
    copy.write_text(APPROVED.read_text())
    monkeypatch.setattr(contract, "APPROVED", copy)
    return copy


def test_an_addition_is_written_down_when_it_is_approved(
    tmp_path: Path, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown = changed(tmp_path, "int32 runtime_minutes = 3;", "int32 runtime_minutes = 3; string director = 4;")
    monkeypatch.setattr(contract, "described", lambda: grown)
    assert contract.main([]) == 1
    assert paper.read_text() == APPROVED.read_text()
    assert contract.main(["--approve"]) == 0
    assert '"director"' in paper.read_text()
    assert contract.main([]) == 0


def test_what_would_break_a_client_can_not_be_approved(
    tmp_path: Path, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrunk = changed(tmp_path, "  int32 runtime_minutes = 3;\n", "")
    monkeypatch.setattr(contract, "described", lambda: shrunk)
    assert contract.main(["--approve"]) == 1
    assert paper.read_text() == APPROVED.read_text()


def test_the_linter_of_protos_finds_nothing_here_and_looks(tmp_path: Path) -> None:
    assert lint_problems(described()) == []
    careless = changed(tmp_path, "string auditorium_id = 1;", "string AuditoriumId = 1;")
    [problem] = lint_problems(careless)
    assert "auditorium_id" in problem


def test_a_linter_that_can_not_look_is_an_error() -> None:
    protos = described()
    del protos.file[0]
    with pytest.raises(BufError):
        lint_problems(protos)
