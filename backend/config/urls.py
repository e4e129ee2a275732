"""Every route: the API, its schema, a health check, and the front end's page for everything else."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import ensure_csrf_cookie


def health(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@ensure_csrf_cookie
def page(_request: HttpRequest) -> HttpResponseBase:
    """The single page; its own router takes the address from there."""
    index = settings.FRONTEND_DIST / "index.html"
    if not index.exists():
        return HttpResponse("The front end is not built yet: run `make demo`.", status=503, content_type="text/plain")
    return FileResponse(index.open("rb"), content_type="text/html", headers={"Cache-Control": "no-cache"})


handler400 = "backend.api.views.bad_request"
handler500 = "backend.api.views.server_error"
urlpatterns = [
    path("health", health),
    path("api/", include("backend.api.urls")),
    re_path(r"^(?!api/|static/|assets/).*$", page),
]
