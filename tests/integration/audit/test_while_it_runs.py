"""An audit beside customers who book, a master that carries and a projector that follows finds nothing."""

import pytest

from tests.builders.reservations import a_customer
from tests.servers.audited_stack import AuditedStack
from tests.servers.booking_on import BookingOn

pytestmark = pytest.mark.integration


def test_what_is_under_way_is_no_finding(stack: AuditedStack) -> None:
    with BookingOn(stack, customer=a_customer) as life:
        before = life.rounds
        report = stack.audit(audit_patience_seconds=30)
        after = life.rounds
    assert report.findings == []
    assert report.streams == 3
    assert after > before
