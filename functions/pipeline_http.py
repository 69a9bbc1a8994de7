"""The whole pipeline at a glance, for operators."""

from http import HTTPStatus
from typing import TYPE_CHECKING

import azure.functions as func

from functions.problems import refusals_as_problems
from functions.query_parameters import refuse_others
from shared.application.pipeline.pipeline_documents import pipeline_document

if TYPE_CHECKING:
    from shared.application.pipeline.look_at_pipeline import LookAtPipeline

bp = func.Blueprint()


def pipeline() -> "LookAtPipeline":
    """See `shared.bootstrap.pipeline`."""
    from shared.bootstrap.pipeline import pipeline as kept  # noqa: PLC0415 # its drivers load when somebody looks

    return kept()


@bp.route("api/ops/pipeline", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
@refusals_as_problems
def pipeline_status(req: func.HttpRequest) -> func.HttpResponse:
    """How the outbox stands, how far the projector is behind, what the views miss, and the cache's hit rate."""
    refuse_others(req, known=())
    return func.HttpResponse(
        pipeline_document(pipeline()()).model_dump_json(by_alias=True),
        status_code=HTTPStatus.OK,
        headers={"Cache-Control": "no-store"},
        mimetype="application/json",
    )
