"""Routes of this app."""

from __future__ import annotations

from django.urls import path

from backend.evaluation import api

urlpatterns = [
    path("projects/<slug:slug>/benchmark", api.BenchmarkView.as_view(), name="benchmark"),
]
