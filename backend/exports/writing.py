"""Carrying out the order for a dataset file, with its state in the row."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from backend.core.errors import DomainError
from backend.core.locks import try_lock
from backend.exports.files import file_name, write_zip
from backend.exports.models import DatasetFile

State = DatasetFile.State


def write_file(*, file_id: int) -> None:
    """Make the file, unless it is there or another worker is making it."""
    with try_lock("exports.file", file_id) as alone:
        file = _begin(file_id) if alone else None
        if file is not None:
            _write(file)


def _write(file: DatasetFile) -> None:
    cases = file.snapshot.items.count()
    try:
        size, digest = write_zip(file, lambda written: _tell(file, min(written, cases)))
    except DomainError as error:
        _fail(file, error.message)
    except OSError as error:
        _fail(file, f"The file could not be written ({error.strerror}): free space or mend the disk, then ask again.")
        raise
    except Exception as error:
        _fail(file, f"The file could not be made ({type(error).__name__}); the worker's log has more.")
        raise
    else:
        DatasetFile.objects.filter(pk=file.pk).update(
            state=State.READY, bytes=size, sha256=digest, error="", updated_at=timezone.now()
        )


@transaction.atomic
def _begin(file_id: int) -> DatasetFile | None:
    file = (
        DatasetFile.objects.select_for_update(of=("self",))
        .select_related("snapshot__project")
        .filter(pk=file_id)
        .first()
    )
    if file is None or file.state in {State.READY, State.FAILED}:
        return None
    file.state, file.cases_done, file.name = State.RUNNING, 0, file_name(file)
    file.save(update_fields=["state", "cases_done", "name", "updated_at"])
    return file


def _tell(file: DatasetFile, cases_done: int) -> None:
    DatasetFile.objects.filter(pk=file.pk, state=State.RUNNING).update(cases_done=cases_done, updated_at=timezone.now())


def _fail(file: DatasetFile, sentence: str) -> None:
    DatasetFile.objects.filter(pk=file.pk).exclude(state=State.READY).update(
        state=State.FAILED, error=sentence, updated_at=timezone.now()
    )
