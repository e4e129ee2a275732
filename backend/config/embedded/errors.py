"""What goes wrong with an embedded server."""


class EmbeddedError(Exception):
    """An embedded server did not start; the message says why and what to do."""
