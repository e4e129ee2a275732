"""What the reading process says, held to what can be true: nothing that it tells is taken on trust. Pure."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Collection
from typing import Any

from backend.imaging.reading.messages import (
    BuiltMask,
    BuiltPhase,
    BuiltSeries,
    BuiltStudy,
    BuiltVolume,
    CaseSummary,
    Fault,
)

HASH = re.compile(r"[0-9a-f]{64}")
HASH_OR_NOTHING = re.compile(r"([0-9a-f]{64})?")
STAND_IN = re.compile(r"2\.25\.\d{1,39}")
WORD = re.compile(r"[\w-]{1,20}")
SEX = re.compile(r"[FMO]?")
DESCRIPTION, NAME, REASON, SENTENCE = 200, 120, 300, 1000
MAX_NUMBER = 2**31 - 1
MAX_SERIES, MAX_VOLUMES, MAX_MASKS, MAX_WARNINGS = 5000, 500, 500, 500
MAX_JSON = 2**20


class NotPlausible(Exception):
    """The reading process said what cannot be."""


def check_case(case: CaseSummary, *, number: int, files: int) -> None:
    """Raises NotPlausible for anything but stand-ins, and places of files that were given."""
    _need(case.number == number)
    _match(HASH, case.source_key)
    _match(HASH_OR_NOTHING, case.person_key)
    _match(STAND_IN, case.study_uid)
    _match(WORD, case.kind)
    _need(0 < len(case.series) <= MAX_SERIES)
    for uid, key in case.series.items():
        _match(STAND_IN, uid)
        _match(HASH, key)
    _need(set(case.masks) <= set(case.series))
    _need(0 < len(case.files) == len(set(case.files)) and min(case.files) >= 0 and max(case.files) < files)


def check_study(study: BuiltStudy, case: CaseSummary, *, max_voxels: int) -> None:
    """Raises NotPlausible for a study that is not the case, or would not fit its rows."""
    _need((study.source_key, study.study_uid) == (case.source_key, case.study_uid))
    _match(HASH_OR_NOTHING, study.person_key)
    _match(SEX, study.sex)
    _date(study.study_date)
    _text(study.description, DESCRIPTION)
    _need(study.age_years is None or 0 <= study.age_years <= 150)
    for text in (study.identity.patient_id, study.identity.issuer, study.identity.name, study.identity.birth_date):
        _text(text, SENTENCE)
    _need(len(study.volumes) <= MAX_VOLUMES and len(study.masks) <= MAX_MASKS)
    _need({series.uid: series.instances_key for series in study.series} == case.series)
    for series in study.series:
        _series(series)
    for volume in study.volumes:
        _volume(volume, series=len(study.series), max_voxels=max_voxels)
    check_masks(study.masks, volumes=len(study.volumes), series=len(study.series))
    check_faults(study.warnings)
    _json(study.deidentified)


def check_masks(masks: Collection[BuiltMask], *, volumes: int, series: int) -> None:
    """Raises NotPlausible for masks that would not fit their rows."""
    _need(len(masks) <= MAX_MASKS)
    for mask in masks:
        _need(0 <= mask.volume < volumes and (mask.series is None or 0 <= mask.series < series))
        _text(mask.source, NAME)
        _match(HASH, mask.instances_key)
        _match(HASH, mask.content)
        _need(len(mask.remarks) <= MAX_WARNINGS)
        for text in (*mask.remarks, *(part for s in mask.segments for part in (s.name, s.category, s.type))):
            _text(text, SENTENCE)
        for segment in mask.segments:
            _need(0 <= segment.number <= MAX_NUMBER and segment.voxels >= 0)
            _match(re.compile("[A-Z]{0,20}"), segment.algorithm)
        _json([(overlap[0], overlap[1]) for overlap in mask.overlaps])


def check_added_masks(
    masks: Collection[BuiltMask], series: Collection[BuiltSeries], faults: Collection[Fault], *, volumes: int
) -> None:
    """Raises NotPlausible for masks of stored volumes, or series, that would not fit their rows."""
    _need(len(series) <= MAX_SERIES)
    for row in series:
        _match(STAND_IN, row.uid)
        _match(HASH, row.instances_key)
        _series(row)
    check_masks(masks, volumes=volumes, series=len(series))
    check_faults(faults)


def check_faults(faults: Collection[Fault]) -> None:
    """Raises NotPlausible for what is no sentence, or too many of them."""
    _need(len(faults) <= MAX_WARNINGS)
    for fault in faults:
        for text in (fault.subject, fault.message, fault.action):
            _text(text, SENTENCE)


def check_failure(error: str, spot: str) -> None:
    """Raises NotPlausible for more than the name of an exception and a place in the program."""
    _need(error.isidentifier() and len(error) <= 60)
    _match(re.compile(r"(\w{1,60}\.pyx?:\d{1,6})?"), spot)


def _series(series: BuiltSeries) -> None:
    _need(series.number is None or abs(series.number) <= MAX_NUMBER)
    _need(0 < series.instances <= MAX_NUMBER)
    _match(WORD, series.modality)
    _text(series.description, DESCRIPTION)
    _text(series.not_drawn_on, DESCRIPTION)
    _json(series.attributes)
    _json(series.header)


def _volume(volume: BuiltVolume, *, series: int, max_voxels: int) -> None:
    _text(volume.name, NAME)
    _match(HASH_OR_NOTHING, volume.thumbnail)
    _match(HASH_OR_NOTHING, volume.projection)
    _need(0 < len(volume.phases) <= 2**15)
    _need(math.prod(volume.geometry.shape_zyx) * len(volume.phases) <= max_voxels)
    for phase in volume.phases:
        _phase(phase, slices=volume.geometry.shape_zyx[0], series=series)


def _phase(phase: BuiltPhase, *, slices: int, series: int) -> None:
    _need(0 <= phase.series < series)
    _text(phase.label, NAME)
    _text(phase.reason, REASON)
    _match(WORD, phase.codec)
    _need(0 < phase.slices_per_chunk <= 2**15)
    _need(len(phase.chunks) == math.ceil(slices / phase.slices_per_chunk))
    for chunk in phase.chunks:
        _match(HASH, chunk)
    _need(phase.window_low < phase.window_high)
    _need(len(phase.instances) in {0, slices})
    for uid, frame in phase.instances:
        _match(STAND_IN, uid)
        _need(0 < frame <= MAX_NUMBER)


def _date(text: str) -> None:
    try:
        if text:
            dt.date.fromisoformat(text)
    except ValueError:
        raise NotPlausible from None


def _text(text: str, limit: int) -> None:
    _need(len(text) <= limit and text.isprintable())


def _match(pattern: re.Pattern[str], text: str) -> None:
    _need(pattern.fullmatch(text) is not None)


def _json(value: Any) -> None:
    """Small enough for a row, and nothing that PostgreSQL refuses."""
    text = json.dumps(value)
    _need(len(text) <= MAX_JSON and "\\u0000" not in text)


def _need(holds: bool) -> None:
    if not holds:
        raise NotPlausible
