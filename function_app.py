"""The entry point of the Functions app: it registers the blueprints, and does nothing else."""

import azure.functions as func

from functions import (
    catalogue_http,
    contract_http,
    operations_http,
    outbox_master_timer,
    projector_eventhub,
    reservations_http,
    showtimes_http,
)

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

for blueprint in (
    catalogue_http.bp,
    showtimes_http.bp,
    reservations_http.bp,
    operations_http.bp,
    contract_http.bp,
    outbox_master_timer.bp,
    projector_eventhub.bp,
):
    app.register_functions(blueprint)
