"""Whether this process lives, and whether it can do its work."""

import json
from collections.abc import Mapping
from http import HTTPStatus

import azure.functions as func

from functions.outbox_master_timer import sinks_reachable
from functions.problems import refusals_as_problems
from shared.application.errors import MisconfiguredStoreError
from shared.bootstrap.write_side import write_side

bp = func.Blueprint()

ANSWERS = "answers"
DOES_NOT_ANSWER = "does not answer"
IS_MISCONFIGURED = "is misconfigured"


@bp.route("livez", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
def livez(req: func.HttpRequest) -> func.HttpResponse:
    """This process answers. A database that is down must not empty the load balancer."""
    del req
    return _no_store({"status": "alive"}, status=HTTPStatus.OK)


@bp.route("health", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def health(req: func.HttpRequest) -> func.HttpResponse:
    """Everything that this process needs answers; if not, what does not."""
    del req
    checks = {"writeDatabase": _write_database()}
    checks |= {f"sink {name}": _verdict(reachable) for name, reachable in sinks_reachable().items()}
    healthy = set(checks.values()) == {ANSWERS}
    report = {"status": "healthy" if healthy else "unhealthy", "checks": checks}
    return _no_store(report, status=HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE)


def _write_database() -> str:
    try:
        return _verdict(write_side().store_answers())
    except MisconfiguredStoreError:
        return IS_MISCONFIGURED


def _verdict(well: bool) -> str:  # noqa: FBT001 what is said in two words
    return ANSWERS if well else DOES_NOT_ANSWER


def _no_store(report: Mapping[str, object], *, status: HTTPStatus) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(report),
        status_code=status,
        headers={"Cache-Control": "no-store"},
        mimetype="application/json",
    )
