"""Jobs of this app."""

from __future__ import annotations

from celery import shared_task

from backend.exports import writing


@shared_task(name="exports.write_file")
def write_file(file_id: int) -> None:
    """Make a dataset file that somebody asked for."""
    writing.write_file(file_id=file_id)
