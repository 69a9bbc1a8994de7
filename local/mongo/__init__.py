"""A local server of the MongoDB wire protocol: the few commands that the product uses, over mongomock's matching.

Everything else is refused by name. Sources: the MongoDB wire protocol (OP_MSG, and OP_QUERY for the handshake) and the
command reference for the shapes of answers and the error codes.
"""
