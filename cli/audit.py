"""`cinema audit`: whether everything that was written is everywhere where it should be."""

from collections.abc import Iterator
from itertools import groupby
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cli.wording import counted
from shared.application.audit.audit_documents import audit_document
from shared.application.audit.findings import AuditReport, Finding, Span
from shared.bootstrap.audit import open_audit
from shared.bootstrap.repair import open_repair
from shared.settings import AuditSettings, ProjectorSettings, load

MOST_OF_A_KIND = 20


def audit(
    *,
    most: Annotated[
        int, typer.Option(min=1, help="How many findings of a kind and station are printed.")
    ] = MOST_OF_A_KIND,
    repair: Annotated[
        bool, typer.Option("--repair", help="Deliver again what is missing, and look once more.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
) -> None:
    """Compare outbox, rows, EventLog, facts, hubs and views; exit 1 if anything is missing, different or unknown.

    Without --repair it only reads. It may run beside everything else: what is under way is waited for and looked at again.
    """
    settings = load(AuditSettings)
    with open_audit(settings) as look:
        report = look()
        if repair and report.findings:
            _repair(report, settings=settings)
            report = look()
    if as_json:
        typer.echo(audit_document(report).model_dump_json(by_alias=True))
    else:
        _tell(report, most=most)
    raise typer.Exit(0 if report.all_is_well else 1)


def _repair(report: AuditReport, *, settings: AuditSettings) -> None:
    """Said on standard error, so that what is printed is one report."""
    with open_repair(settings, projector=load(ProjectorSettings)) as mend:
        done = mend(report.findings)
    typer.echo(
        f"{counted(len(report.findings), 'finding')}: {counted(done.deliveries, 'event')} wait for a hub again, "
        f"{counted(done.restored, 'stream')} archived and counted anew, "
        f"{counted(done.projected, 'stream')} projected again.",
        err=True,
    )


def _tell(report: AuditReport, *, most: int) -> None:
    console = Console(highlight=False, markup=False)
    console.print(_stations(report))
    for line in _lines(report.findings, most=most):
        console.print(line, style="red", soft_wrap=True)
    for remark in report.remarks:
        console.print(remark, style="yellow", soft_wrap=True)
    if report.all_is_well:
        console.print(f"All is well with {counted(report.streams, 'stream')}.", style="green")
    else:
        console.print(f"{counted(len(report.findings), 'finding')}, {counted(report.streams, 'stream')}.")


def _stations(report: AuditReport) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("Station", no_wrap=True)
    for heading in ("Checked", "Waiting", "Discarded", "Repeats", "Too old", "Findings"):
        table.add_column(heading, justify="right", no_wrap=True)
    wrong = [finding.station for finding in report.findings]
    for station, count in report.stations.items():
        amounts = (count.checked, count.waiting, count.discarded, count.repeats, count.unjudged)
        table.add_row(station, *(f"{amount:,}" for amount in (*amounts, wrong.count(station))))
    return table


def _lines(findings: list[Finding], *, most: int) -> Iterator[str]:
    """A line for each finding, station by station, and how many more there are of a kind."""

    def kind(finding: Finding) -> tuple[str, str]:
        return finding.station, finding.kind

    for (station, what), group in groupby(sorted(findings, key=kind), key=kind):
        mine = list(group)
        yield from map(line_of, mine[:most])
        if len(mine) > most:
            yield f"{station}: {what}: and {len(mine) - most:,} more like these"


def line_of(finding: Finding) -> str:
    """A finding in one line: where, what, of which stream, and which events."""
    sequences = " ".join(f"#{_span(span)}" for span in finding.spans)
    subject = "" if finding.subject == finding.stream_id else finding.subject
    place = " ".join(word for word in (finding.stream_id, subject, sequences) if word)
    return f"{finding.station}: {finding.kind}: {place}" + (f" ({finding.detail})" if finding.detail else "")


def _span(span: Span) -> str:
    first, last = span
    return str(first) if first == last else f"{first}–{last}"
