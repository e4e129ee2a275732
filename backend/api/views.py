"""Answers for requests that reach no view, or break one: the same shape of error as everywhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from backend.api.errors import body


@csrf_exempt
def unknown_route(request: HttpRequest) -> JsonResponse:
    """404 for an address under /api/ that no route has."""
    return JsonResponse(body("not_found", f"The API has no route {request.path}."), status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django names it
    """400 for a request that Django itself refused."""
    return _plain(request, 400, "invalid", "The request is not well formed, or too large.")


def server_error(request: HttpRequest) -> HttpResponse:
    """500 that tells nothing of the inside; the log has the traceback."""
    return _plain(request, 500, "server_error", "Something broke on the server. It is in the log; try again later.")


def _plain(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(body(code, message), status=status)
    return HttpResponse(message, status=status, content_type="text/plain")
