"""Routes of this app."""

from __future__ import annotations

from django.urls import path

from backend.learning import api, batch_api, doubt_api, model_api

urlpatterns = [
    path("projects/<slug:slug>/rounds", api.RoundsView.as_view(), name="rounds"),
    path("projects/<slug:slug>/models", api.ModelsView.as_view(), name="models"),
    path("presets", model_api.PresetsView.as_view(), name="presets"),
    path("projects/<slug:slug>/models/import", model_api.ImportModelView.as_view(), name="model-import"),
    path("projects/<slug:slug>/models/<int:model>/file", model_api.ModelFileView.as_view(), name="model-file"),
    path("projects/<slug:slug>/models/<int:model>/promote", model_api.PromoteView.as_view(), name="model-promote"),
    path("projects/<slug:slug>/models/<int:model>/retire", model_api.RetireView.as_view(), name="model-retire"),
    path("projects/<slug:slug>/models/<int:model>/card", api.ModelCardView.as_view(), name="model-card"),
    path("projects/<slug:slug>/evaluations", api.EvaluationsView.as_view(), name="evaluations"),
    path("rounds/<int:id>", api.RoundView.as_view(), name="round"),
    path("rounds/<int:id>/progress", api.RoundProgressView.as_view(), name="round-progress"),
    path("rounds/<int:id>/cancel", api.RoundCancelView.as_view(), name="round-cancel"),
    path("rounds/<int:id>/retry", api.RoundRetryView.as_view(), name="round-retry"),
    path("runs/<int:id>/log", api.RunLogView.as_view(), name="run-log"),
    path("projects/<slug:slug>/strategies", batch_api.StrategiesView.as_view(), name="strategies"),
    path("projects/<slug:slug>/batches", batch_api.BatchesView.as_view(), name="batches"),
    path("projects/<slug:slug>/batches/preview", batch_api.BatchPreviewView.as_view(), name="batch-preview"),
    path("tasks/<int:pk>/doubt/picture", doubt_api.DoubtPictureView.as_view(), name="task-doubt-picture"),
    path("tasks/<int:pk>/doubt", doubt_api.DoubtView.as_view(), name="task-doubt"),
]
