"""Domain errors as HTTP answers: one body for all, `{code, message, detail}`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from backend.core import errors

STATUS: dict[type[errors.DomainError], int] = {
    errors.NotAllowed: status.HTTP_403_FORBIDDEN,
    errors.NotFound: status.HTTP_404_NOT_FOUND,
    errors.InvalidInput: status.HTTP_400_BAD_REQUEST,
    errors.Conflict: status.HTTP_409_CONFLICT,
    errors.Locked: status.HTTP_423_LOCKED,
    errors.Stale: status.HTTP_412_PRECONDITION_FAILED,
    errors.PreconditionRequired: status.HTTP_428_PRECONDITION_REQUIRED,
    errors.TooLarge: status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    errors.TooManyAttempts: status.HTTP_429_TOO_MANY_REQUESTS,
    errors.StorageFull: status.HTTP_507_INSUFFICIENT_STORAGE,
}


def exception_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer for an exception, or None for one that nobody foresaw."""
    if isinstance(error, errors.DomainError):
        return Response(body(error.code, error.message, error.detail), status=STATUS[type(error)])
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _from_rest_framework(error, response.data)
    return response


def body(code: str, message: str, detail: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one shape of an error."""
    return {"code": code, "message": message, "detail": detail or {}}


def _from_rest_framework(error: Exception, given: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = given if isinstance(given, dict) else {"non_field_errors": given}
        sentences = [f"{name}: {_first(value)}" for name, value in fields.items()]
        return body("invalid", "; ".join(sentences), {"fields": fields})
    if isinstance(error, Http404):
        return body("not_found", "There is no such thing, or you may not see it.")
    if isinstance(error, PermissionDenied):
        return body("not_allowed", "You may not do this.")
    code = getattr(error, "default_code", "error")
    return body(str(code), str(given.get("detail", "")))


def _first(value: Any) -> str:
    while isinstance(value, (list, tuple, dict)) and value:
        value = next(iter(value.values() if isinstance(value, dict) else value))
    return str(value)
