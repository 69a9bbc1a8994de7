"""What route constraints take."""

import pytest

from local.functions_host.route_constraints import CONSTRAINTS

pytestmark = pytest.mark.unit

GUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


@pytest.mark.parametrize(
    ("constraint", "taken", "refused"),
    [
        ("int", ["0", "-12", "+7", str(2**31 - 1), str(-(2**31))], ["", "1.0", "x", "١", str(2**31)]),
        ("long", [str(2**63 - 1)], [str(2**63)]),
        ("bool", ["true", "FALSE"], ["", "1", "yes"]),
        ("alpha", ["", "aZ"], ["a1", "é"]),
        ("guid", [GUID, GUID.upper(), GUID.replace("-", "")], ["", GUID[:-1], GUID.replace("-", "", 1)]),
    ],
)
def test_a_constraint_takes_what_dotnet_parses(constraint: str, taken: list[str], refused: list[str]) -> None:
    takes = CONSTRAINTS[constraint]
    assert [text for text in taken if not takes(text)] == []
    assert [text for text in refused if takes(text)] == []
