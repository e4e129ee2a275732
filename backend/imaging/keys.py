"""The secrets that stand-ins are made with: one for each project, from the installation's."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac

from backend.accounts.models import Project
from backend.imaging.dicom.keys import Key


def key_of(project: Project) -> Key:
    """The project's secret."""
    return Key(
        salted_hmac("ninefold.imaging", str(project.pk), secret=settings.SECRET_KEY, algorithm="sha256").digest()
    )
