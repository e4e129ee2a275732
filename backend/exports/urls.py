"""Routes of this app."""

from __future__ import annotations

from django.urls import path

from backend.exports import api

urlpatterns = [
    path("projects/<slug:slug>/snapshots", api.SnapshotsView.as_view(), name="snapshots"),
    path("snapshots/<int:id>", api.SnapshotView.as_view(), name="snapshot"),
    path("snapshots/<int:id>/files", api.SnapshotFilesView.as_view(), name="snapshot-files"),
    path("dataset-files/<int:id>", api.DatasetFileView.as_view(), name="dataset-file"),
    path("dataset-files/<int:id>/download", api.DatasetFileDownloadView.as_view(), name="dataset-file-download"),
]
