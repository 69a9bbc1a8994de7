"""What people are told when a command can't be carried out as it was given."""


class CommandError(Exception):
    """The command is wrong: an option's value, or a file that can't be written. The message is one line."""
