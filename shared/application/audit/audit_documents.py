"""What an audit has found, as JSON."""

from shared.application.audit.findings import AuditReport, Finding, Kind, Span, StationCount
from shared.contracts.wire import WireModel


class StationDocument(WireModel):
    """How much was looked at in a station. What is `waiting` or `discarded` is not expected there."""

    checked: int
    waiting: int
    discarded: int
    repeats: int
    unjudged: int


class FindingDocument(WireModel):
    """One thing that is wrong. `spans` are ranges of sequences, both ends in them."""

    kind: Kind
    station: str
    stream_id: str
    subject: str
    spans: tuple[Span, ...]
    detail: str


class AuditDocument(WireModel):
    """An audit that could look at everything."""

    all_is_well: bool
    streams: int
    stations: dict[str, StationDocument]
    findings: tuple[FindingDocument, ...]
    remarks: tuple[str, ...]


def audit_document(report: AuditReport) -> AuditDocument:
    """Everything that an audit says."""
    return AuditDocument(
        all_is_well=report.all_is_well,
        streams=report.streams,
        stations={station: _station(count) for station, count in report.stations.items()},
        findings=tuple(_finding(finding) for finding in report.findings),
        remarks=tuple(report.remarks),
    )


def _station(count: StationCount) -> StationDocument:
    return StationDocument.model_validate(count, from_attributes=True)


def _finding(finding: Finding) -> FindingDocument:
    return FindingDocument.model_validate(finding, from_attributes=True)
