"""Ways to sign in to a Kafka cluster, as librdkafka's properties. They hold secrets: they are not to be logged.

Event Hubs' ways are those of Microsoft's "Security and authentication with the Event Hubs Kafka endpoint".
"""

import logging
from collections.abc import Callable
from typing import Any

from shared.identity.credential import Credential

_log = logging.getLogger(__name__)

Properties = dict[str, Any]


def no_sign_in() -> Properties:
    """A broker that is reached in the clear, as on a laptop or within a closed network."""
    return {"security.protocol": "plaintext"}


def event_hubs_key(connection_string: str) -> Properties:
    """Event Hubs by a connection string, which travels as a password."""
    return {
        "security.protocol": "sasl_ssl",
        "sasl.mechanisms": "PLAIN",
        "sasl.username": "$ConnectionString",
        "sasl.password": connection_string,
    }


def event_hubs_identity(servers: str, *, credential: Credential) -> Properties:
    """Event Hubs by an Entra token of the process's identity, fetched anew before it ends."""
    return {
        "security.protocol": "sasl_ssl",
        "sasl.mechanisms": "OAUTHBEARER",
        "oauth_cb": _token_source(f"https://{servers.partition(':')[0]}/.default", credential=credential),
    }


def _token_source(scope: str, *, credential: Credential) -> Callable[[str], tuple[str, float]]:
    def fetch(_config: str) -> tuple[str, float]:
        try:
            token = credential.get_token(scope)
        except Exception as error:
            # librdkafka asks again later, and tells nobody why it could not sign in.
            _log.warning("kafka_token_not_had scope=%s error=%r", scope, error)
            raise
        return token.token, float(token.expires_on)

    return fetch
