"""Whether this process lives, and whether it can do its work."""

import json
from collections.abc import Mapping
from http import HTTPStatus

import azure.functions as func

from functions.outbox_master_timer import sinks_reachable
from functions.problems import refusals_as_problems
from shared.bootstrap.write_side import write_side

bp = func.Blueprint()


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
    checks = {"writeDatabase": write_side().store_answers()}
    checks |= {f"sink {name}": reachable for name, reachable in sinks_reachable().items()}
    healthy = all(checks.values())
    report = {
        "status": "healthy" if healthy else "unhealthy",
        "checks": {name: "answers" if well else "does not answer" for name, well in checks.items()},
    }
    return _no_store(report, status=HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE)


def _no_store(report: Mapping[str, object], *, status: HTTPStatus) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(report),
        status_code=status,
        headers={"Cache-Control": "no-store"},
        mimetype="application/json",
    )
