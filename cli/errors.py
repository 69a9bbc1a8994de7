"""A command that can't be carried out as it was given, though each of its options is right by itself."""


class CommandError(Exception):
    """A file can't be written, or a package is missing. The message is one line, and says what to do."""
