"""The entry point of the Functions app: it registers the blueprints, and does nothing else."""

import azure.functions as func

from functions import (
    catalogue_http,
    contract_http,
    idempotency_cleanup_timer,
    operations_http,
    outbox_http,
    outbox_master_timer,
    outbox_retention_timer,
    pages_http,
    pipeline_http,
    projection_gaps_timer,
    projector_eventhub,
    reservation_expiry_timer,
    reservations_http,
    showtime_cancellation_timer,
    showtimes_http,
    trace_http,
)

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

for blueprint in (
    catalogue_http.bp,
    showtimes_http.bp,
    reservations_http.bp,
    operations_http.bp,
    outbox_http.bp,
    trace_http.bp,
    pipeline_http.bp,
    contract_http.bp,
    pages_http.bp,
    outbox_master_timer.bp,
    showtime_cancellation_timer.bp,
    projector_eventhub.bp,
    projection_gaps_timer.bp,
    reservation_expiry_timer.bp,
    idempotency_cleanup_timer.bp,
    outbox_retention_timer.bp,
):
    app.register_functions(blueprint)
