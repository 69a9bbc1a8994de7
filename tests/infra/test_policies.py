"""Reading checkov's report: what is new, what is known, and what it could not read."""

from typing import Any

import pytest

from infra.checks.policies import NOT_MET, problems_in

pytestmark = pytest.mark.unit


def report(*failed: str, unread: tuple[str, ...] = (), resources: int = 100) -> dict[str, Any]:
    checks = [{"check_id": name, "check_name": "n", "resource": "r", "file_path": "f"} for name in failed]
    return {
        "summary": {"parsing_errors": len(unread), "resource_count": resources},
        "results": {"failed_checks": checks, "parsing_errors": list(unread)},
    }


def test_what_is_known_is_no_problem() -> None:
    assert problems_in(report(*NOT_MET)) == []


def test_a_policy_that_is_newly_not_met_is_a_problem() -> None:
    assert problems_in(report(*NOT_MET, "CKV_AZURE_1")) == ["CKV_AZURE_1 n: r in f"]


def test_a_reason_that_is_needed_no_longer_is_a_problem() -> None:
    first, *others = NOT_MET
    assert problems_in(report(*others)) == [f"{first} is met: drop its reason"]


def test_a_file_that_could_not_be_read_is_a_problem() -> None:
    assert problems_in(report(*NOT_MET, unread=("infra/main.bicep",))) == [
        "checkov can't read infra/main.bicep"
    ]


def test_a_report_of_nothing_is_a_problem() -> None:
    assert problems_in(report(*NOT_MET, resources=0)) == ["checkov found no resource"]
