"""Session sign-in that answers 401, so that the page can ask for it in place."""

from __future__ import annotations

from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session; a missing one is 401 and not 403."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - the base class names it
        """Scheme of the WWW-Authenticate header."""
        return "Session"
