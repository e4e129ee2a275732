"""Every API route on one page."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from backend.api.audit import AuditList
from backend.api.session import SessionView
from backend.api.views import unknown_route

urlpatterns = [
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("session", SessionView.as_view()),
    path("projects/<slug:slug>/audit", AuditList.as_view()),
    path("", include("backend.accounts.urls")),
    path("", include("backend.imaging.urls")),
    path("", include("backend.annotation.urls")),
    path("", include("backend.exports.urls")),
    path("", include("backend.evaluation.urls")),
    path("", include("backend.learning.urls")),
    re_path(r"^", unknown_route),
]
