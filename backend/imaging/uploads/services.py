"""Beginning, continuing and cancelling uploads. What is acknowledged is on the disk."""

from __future__ import annotations

import errno
import logging
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import Project, User
from backend.audit.models import record
from backend.core.errors import Conflict, Locked, StorageFull
from backend.core.locks import try_lock
from backend.imaging import services as imports
from backend.imaging.models import ImportRun, Upload
from backend.imaging.uploads import selectors, staging
from backend.imaging.uploads.manifest import Manifest

logger = logging.getLogger(__name__)

LOCK = "imaging.upload"
SETTLE_EVERY_BYTES = 32 * 2**20
SPARE_BYTES = 512 * 2**20  # what the disk must keep for everything else


def open_upload(*, user: User, project: Project, manifest: Manifest, partition: str) -> tuple[Upload, bool]:
    """The upload of these files, and whether it is a new one: the same files chosen again go on where they stopped.

    Raises NotAllowed, InvalidInput for the partition, StorageFull when the disk cannot hold the files.
    """
    before = selectors.begun_before(user, project, manifest)
    if before is not None:
        return _again(user, before, partition), False
    _check_room(manifest.total)
    with transaction.atomic():
        run = imports.open_import(user=user, project=project, source="upload", partition=partition)
        upload = Upload.objects.create(
            run=run, token=secrets.token_urlsafe(24), sizes=list(manifest.sizes), total=manifest.total
        )
        with _full_disk_in_words():
            staging.begin(Path(run.folder), manifest)
    logger.info("upload.opened import=%s files=%s bytes=%s", run.pk, len(manifest.sizes), upload.total)
    return upload, True


def receive(*, user: User, token: str, offset: int, pieces: Iterable[bytes]) -> Upload:
    """Append bytes to the stream; the last one starts the import. The pieces may end early, when a connection breaks.

    Raises NotFound, NotAllowed, Locked while another request writes, Conflict when the stream is at another offset,
    StorageFull when the disk is; whatever was acknowledged before stays.
    """
    with try_lock(LOCK, selectors.own_upload_for(user, token).pk) as alone:
        if not alone:
            raise Locked("Another request is still writing to this upload; try again in a moment.")
        upload = selectors.own_upload_for(user, token)  # as it is now that nobody else writes
        if offset != upload.received:
            raise Conflict(f"The upload goes on at byte {upload.received}, not at {offset}.", offset=upload.received)
        with _full_disk_in_words(), staging.StreamWriter(Path(upload.run.folder), upload.sizes, offset) as writer:
            for piece in pieces:
                writer.write(piece)
                if writer.offset - upload.received >= SETTLE_EVERY_BYTES:
                    _acknowledge(user, upload, writer)
            _acknowledge(user, upload, writer)
    return upload


def cancel(*, user: User, token: str) -> None:
    """Give an upload up and remove its files.

    Raises NotFound, NotAllowed, Locked while a request writes, Conflict when every file has arrived.
    """
    upload = selectors.upload_for(user, token)
    if not _drop(upload, user, "The upload was cancelled; nothing of it was stored."):
        raise Locked("A request is still writing to this upload; try again in a moment.")


def drop_abandoned(*, before: datetime) -> int:
    """Give up the uploads that got no byte since `before`. Returns how many."""
    sentence = "The upload was not finished in time and was removed; nothing of it was stored."
    return sum(_drop(upload, None, sentence) for upload in selectors.abandoned(before=before))


def _drop(upload: Upload, user: User | None, sentence: str) -> bool:
    """False while a request writes. Raises Conflict when every file has arrived."""
    with try_lock(LOCK, upload.pk) as alone:
        if alone:
            _end(upload, user, sentence)
        return alone


@transaction.atomic
def _end(upload: Upload, user: User | None, sentence: str) -> None:
    locked = Upload.objects.select_for_update(of=("self",)).select_related("run").get(pk=upload.pk)
    if locked.received == locked.total:
        raise Conflict("Every file has arrived and the import goes on; cancel the import instead.")
    run = locked.run
    record(actor=user, action="upload.cancelled", project_id=run.project_id, subject=run, received=locked.received)
    state = ImportRun.State.FAILED if user is None else ImportRun.State.CANCELLED
    imports.end_import(import_id=run.pk, message=sentence, action="Choose the files again to upload them.", state=state)
    locked.delete()
    transaction.on_commit(lambda: shutil.rmtree(run.folder, ignore_errors=True))


def _again(user: User, upload: Upload, partition: str) -> Upload:
    """The partition that the person chooses now counts, as long as the import has not begun."""
    if upload.run.partition != partition and upload.received < upload.total:
        imports.choose_partition(user=user, run=upload.run, partition=partition)
    return upload


def _check_room(total: int) -> None:
    place = Path(settings.UPLOAD_DIR)
    place.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(place).free
    if free < total + SPARE_BYTES:
        raise StorageFull(
            f"The server's disk has {free / 1e9:.1f} GB left and the files need {total / 1e9:.1f} GB; "
            "ask whoever runs the server to make room, or upload less at once.",
            free=free,
        )


def _acknowledge(user: User, upload: Upload, writer: staging.StreamWriter) -> None:
    """Commit how far the stream is on the disk, and start the import with its last byte."""
    if writer.offset == upload.received:
        return
    writer.settle()
    with transaction.atomic():
        moved = Upload.objects.filter(pk=upload.pk, received=upload.received)
        if not moved.update(received=writer.offset, updated_at=timezone.now()):
            raise Conflict("Another request wrote to this upload meanwhile; ask for its offset and go on there.")
        if not writer.left:
            imports.start_import(user=user, run=upload.run)
    upload.received = writer.offset


@contextmanager
def _full_disk_in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise StorageFull(
            "The server's disk is full. What arrived is kept: ask whoever runs the server to make room, then go on."
        ) from error
