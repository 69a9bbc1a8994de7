"""The outbox: what a command writes beside its rows, and the master that carries it to the sinks."""
