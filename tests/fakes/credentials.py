"""Identities for tests: what gives tokens, and what fails to."""

import base64
import json
from dataclasses import dataclass, field

from shared.identity.credential import SecretToken

OBJECT_ID = "0b1e6c57-6a5d-4c38-9d2d-7f5ed8a30a11"


def jwt(**claims: object) -> str:
    """An unsigned token with some claims."""
    parts = ({"alg": "none"}, claims)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        + ".sig"
    )


@dataclass
class ScriptedCredential:
    """Gives another token each time, with some seconds to live from `now` on; fails as long as it is told to."""

    life: int = 3_600
    now: float = 0.0
    scopes: list[str] = field(default_factory=list[str])
    failure: str | None = None

    def get_token(self, *scopes: str) -> SecretToken:
        self.scopes += scopes
        if self.failure:
            raise RuntimeError(self.failure)
        return SecretToken(jwt(oid=OBJECT_ID, n=len(self.scopes)), int(self.now) + self.life)
