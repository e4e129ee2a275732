"""Each route has one form of answer; errors are JSON, whatever the client says it accepts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

R = TypeVar("R", bound=BaseRenderer)


class OneForm(BaseContentNegotiation):
    """The first renderer, and the parser for the content type that was sent."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """Parser of the request's content type, or None."""
        sent = request.content_type.split(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(
        self,
        request: Request,  # noqa: ARG002 - the base class names it
        renderers: Iterable[R],
        format_suffix: str | None = None,  # noqa: ARG002 - the base class names it
    ) -> tuple[R, str]:
        """First renderer of the view."""
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)
