"""Routes of imaging."""

from __future__ import annotations

from django.urls import path

from backend.imaging.api.derived import DerivedChannelView, DerivedChunkView, DerivedView, ProjectionView
from backend.imaging.api.identities import (
    IdentitiesView,
    IdentitySearchView,
    IdentityTableView,
    IdentityView,
)
from backend.imaging.api.images import ChunkView, ThumbnailView, VolumeProjectionView
from backend.imaging.api.merging import DuplicatesView, MergeView, TellApartView
from backend.imaging.api.ordering import PhaseOrderView
from backend.imaging.api.procedure import ProcedureView
from backend.imaging.api.quarantine import CancelView, HeldStudiesView, HeldStudyView, RetryView
from backend.imaging.api.registrations import (
    CancelRegistrationView,
    RegistrationPictureView,
    RegistrationsView,
    RegistrationView,
    StopUsingView,
    UseView,
)
from backend.imaging.api.uploads import UploadsView, UploadView
from backend.imaging.api.views import ImportsView, ImportView, PartitionView, PatientsView, PatientView, VolumeView

urlpatterns = [
    path("projects/<slug:slug>/patients", PatientsView.as_view()),
    path("patients/<int:patient_id>", PatientView.as_view()),
    path("patients/<int:patient_id>/partition", PartitionView.as_view()),
    path("patients/<int:patient_id>/identities", IdentityView.as_view()),
    path("patients/<int:patient_id>/merge", MergeView.as_view()),
    path("patients/<int:patient_id>/tell-apart", TellApartView.as_view()),
    path("projects/<slug:slug>/duplicates", DuplicatesView.as_view()),
    path("projects/<slug:slug>/identities", IdentitiesView.as_view()),
    path("projects/<slug:slug>/identities/search", IdentitySearchView.as_view()),
    path("projects/<slug:slug>/identities/table", IdentityTableView.as_view()),
    path("deidentification", ProcedureView.as_view()),
    path("volumes/<int:volume_id>", VolumeView.as_view()),
    path("volumes/<int:volume_id>/phases/<int:index>/chunks/<int:number>", ChunkView.as_view()),
    path("volumes/<int:volume_id>/phase-order", PhaseOrderView.as_view()),
    path("volumes/<int:volume_id>/registrations", RegistrationsView.as_view()),
    path("registrations/<int:registration_id>", RegistrationView.as_view()),
    path("registrations/<int:registration_id>/cancel", CancelRegistrationView.as_view()),
    path("registrations/<int:registration_id>/use", UseView.as_view()),
    path("registrations/<int:registration_id>/stop", StopUsingView.as_view()),
    path("registrations/<int:registration_id>/pictures/<int:index>/<slug:picture>", RegistrationPictureView.as_view()),
    path("volumes/<int:volume_id>/derived", DerivedView.as_view()),
    path("volumes/<int:volume_id>/derived/<slug:key>", DerivedChannelView.as_view()),
    path("volumes/<int:volume_id>/derived/<slug:key>/chunks/<int:number>", DerivedChunkView.as_view()),
    path("volumes/<int:volume_id>/derived/<slug:key>/projections/<slug:plane>", ProjectionView.as_view()),
    path("volumes/<int:volume_id>/thumbnail", ThumbnailView.as_view()),
    path("volumes/<int:volume_id>/projection", VolumeProjectionView.as_view()),
    path("projects/<slug:slug>/imports", ImportsView.as_view()),
    path("projects/<slug:slug>/uploads", UploadsView.as_view()),
    path("uploads/<str:token>", UploadView.as_view()),
    path("imports/<int:import_id>", ImportView.as_view()),
    path("imports/<int:import_id>/cancel", CancelView.as_view()),
    path("projects/<slug:slug>/held-studies", HeldStudiesView.as_view()),
    path("held-studies/<int:held_id>", HeldStudyView.as_view()),
    path("held-studies/<int:held_id>/retry", RetryView.as_view()),
]
