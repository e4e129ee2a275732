"""Routes of this app."""

from __future__ import annotations

from django.urls import path

from backend.exports import api, mask_api

urlpatterns = [
    path("projects/<slug:slug>/snapshots", api.SnapshotsView.as_view(), name="snapshots"),
    path("tasks/<int:pk>/mask/nifti", mask_api.NiftiView.as_view()),
    path("tasks/<int:pk>/mask/seg", mask_api.SegView.as_view()),
    path("snapshots/<int:id>", api.SnapshotView.as_view(), name="snapshot"),
    path("snapshots/<int:id>/files", api.SnapshotFilesView.as_view(), name="snapshot-files"),
    path("dataset-files/<int:id>", api.DatasetFileView.as_view(), name="dataset-file"),
    path("dataset-files/<int:id>/download", api.DatasetFileDownloadView.as_view(), name="dataset-file-download"),
]
