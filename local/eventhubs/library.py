"""The client library's own AMQP codec. It is private there and has no types worth the name, so it is named here alone."""

from typing import Any, cast

from azure.eventhub._pyamqp import _decode, _encode, endpoints, error, message, outcomes, performatives

encode = cast(Any, _encode)
decode = cast(Any, _decode)
frames = cast(Any, performatives)
links = cast(Any, endpoints)
outcome = cast(Any, outcomes)
errors = cast(Any, error)
messages = cast(Any, message)
decoders = decode._DECODE_BY_CONSTRUCTOR  # noqa: SLF001 # the only way to read one section and see where it ends
