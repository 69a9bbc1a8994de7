"""What keeps the host from starting."""


class HostError(Exception):
    """The app, its configuration or the machine does not allow a start. The message says what is wrong."""
