"""The alerts: what they ask for is told, by those columns, and somebody who gets one finds what to do."""

import re
from http import HTTPStatus

import pytest

from functions.problems import STATUS_BY_KIND
from shared.application.errors import UnavailableError
from tests.infra.bicep import INFRA, MODULES, read

pytestmark = pytest.mark.architecture

ROOT = INFRA.parent
ALERTS = read(MODULES / "alerts.bicep")
QUERIES = {alert["name"]: alert["query"] for alert in ALERTS.variables["queryAlerts"]}
DOCUMENT = (ROOT / "docs" / "telemetry.md").read_text()
SOURCE = "".join(path.read_text() for path in (ROOT / "shared" / "infrastructure" / "telemetry").glob("*.py"))


def test_the_alerts_ask_for_what_the_code_measures() -> None:
    asked = {name for query in QUERIES.values() for name in re.findall(r'Name == "(cinema\.[\w.]+)"', query)}
    gauges = {f"cinema.outbox.{name}" for name in re.findall(r'^\s+\(?"(\w+)",', SOURCE, re.MULTILINE)}
    measured = gauges | set(re.findall(r'"(cinema\.[\w.]+)"', SOURCE))
    assert asked
    assert asked <= measured
    for query in QUERIES.values():
        for attribute in re.findall(r'Properties\["([\w.]+)"\]', query):
            assert f'"{attribute}"' in SOURCE


@pytest.mark.parametrize("alert", QUERIES)
def test_a_measure_is_asked_for_by_the_columns_that_it_has(alert: str) -> None:
    """Azure Monitor's exporter tells a gauge as one value, without the least and the greatest."""
    query = QUERIES[alert]
    for measure in re.findall(r'Name == "(cinema\.[\w.]+)"', query):
        (row,) = re.findall(rf"^\| `{re.escape(measure)}` \|(.*)$", DOCUMENT, re.MULTILINE)
        columns = set(re.findall(r"\b(Max|Min|Sum|ItemCount)\b", query))
        assert columns <= ({"Sum"} if "gauge" in row else {"Max", "Min", "Sum", "ItemCount"})


def test_alerts_ask_for_measures_alone_since_a_sampler_may_keep_a_tenth_of_the_rest() -> None:
    assert QUERIES
    assert [name for name, query in QUERIES.items() if not query.startswith("AppMetrics | ")] == []


def test_commands_fail_by_the_codes_of_what_is_answered_with_5xx() -> None:
    failures = {kind for kind, status in STATUS_BY_KIND.items() if status >= HTTPStatus.INTERNAL_SERVER_ERROR}
    assert failures == {UnavailableError.kind}
    codes = re.findall(r"in \(([^)]*)\)", QUERIES["server-errors"])
    assert codes == [f'"{UnavailableError.code}", "unforeseen"']


def test_every_alert_has_its_row_in_the_runbook_and_every_row_its_alert() -> None:
    section = (ROOT / "docs" / "runbook.md").read_text().split("\n## The alerts\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE)
    loads = {f"load-{load['name']}" for load in ALERTS.variables["databaseLoads"]}
    single = {
        match
        for body in ALERTS.of_type("Microsoft.Insights/metricAlerts")
        for match in re.findall(r"^alert-([a-z-]+)-\$", body["name"])
    } - {"load"}
    assert sorted(rows) == sorted({*QUERIES, *loads, *single})


def test_every_alert_says_where_what_to_do_is_said() -> None:
    bodies = [
        body
        for kind in ("scheduledQueryRules", "metricAlerts")
        for body in ALERTS.of_type(f"Microsoft.Insights/{kind}")
    ]
    assert bodies
    assert all("${runbook}, " in body["properties"]["description"] for body in bodies)
