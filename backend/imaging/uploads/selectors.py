"""Reading uploads."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db.models import F, QuerySet

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.core.errors import NotAllowed, NotFound
from backend.imaging.models import ImportRun, Upload
from backend.imaging.permissions import visible_imports
from backend.imaging.uploads import staging
from backend.imaging.uploads.manifest import Manifest

GONE = "There is no such upload any more; choose the files again to begin another."


def upload_for(user: User, token: str) -> Upload:
    """An upload by its token. Raises NotFound outside of the user's projects, NotAllowed without the capability."""
    upload = _light().filter(run__in=visible_imports(user), token=token).first()
    if upload is None:
        raise NotFound(GONE)
    require(user, upload.run.project, Capability.MANAGE_CASES)
    return upload


def own_upload_for(user: User, token: str) -> Upload:
    """As `upload_for`, for the person who began it: nobody else may add bytes.

    Raises NotAllowed for the others, NotFound when it ended before every byte was there.
    """
    upload = upload_for(user, token)
    if upload.run.started_by_id != user.pk:
        raise NotAllowed("Only the person who began this upload can go on with it.")
    if upload.received < upload.total and not _goes_on(upload):
        raise NotFound(GONE)
    return upload


def begun_before(user: User, project: Project, manifest: Manifest) -> Upload | None:
    """The user's upload of the same files, not yet imported: choosing them again goes on with it."""
    open_states = (ImportRun.State.WAITING, ImportRun.State.RUNNING)
    candidates = _light().filter(
        run__project=project, run__started_by=user, run__state__in=open_states, total=manifest.total
    )
    digest = manifest.digest
    return next((upload for upload in candidates if staging.digest_in(Path(upload.run.folder)) == digest), None)


def abandoned(*, before: datetime) -> QuerySet[Upload]:
    """Uploads that lack bytes and got none since `before`."""
    return _light().filter(received__lt=F("total"), updated_at__lt=before, run__state=ImportRun.State.WAITING)


def _goes_on(upload: Upload) -> bool:
    """The import still waits for the bytes, and the ones that came before are still there."""
    waits: bool = upload.run.state == ImportRun.State.WAITING
    return waits and (Path(upload.run.folder) / staging.NAMES_FILE).exists()


def _light() -> QuerySet[Upload]:
    """Without the sizes of its files, which can be tens of thousands."""
    return Upload.objects.select_related("run__project").defer("sizes")
