"""What stops a set-up."""


class SetupError(Exception):
    """One sentence: what is missing or went wrong, and what to do."""
