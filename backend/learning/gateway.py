"""The only door between the platform and GPU work: writes a run's input and order, and reads what it left.

Only jobs open it. Everything that a run needs lies in its folder, so that it can be repeated by hand from its spec.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from django.conf import settings

from backend.core.errors import Conflict
from backend.core.files import aside, folder_aside, sha256_of
from backend.exports.models import Snapshot
from backend.exports.nnunet import dataset_name, write_channels, write_raw
from backend.imaging.models import Volume
from backend.learning import places, registry
from backend.learning.models import ModelVersion, Run
from ml.contracts import (
    AdoptResult,
    AdoptSpec,
    Case,
    Channel,
    PredictResult,
    PredictSpec,
    TrainResult,
    TrainSpec,
    from_json,
    settings_of,
    to_json,
)
from ml.labelmaps import LabelArray
from ml.query.doubt_map import MAX_BYTES
from ml.volumes import read_nifti

T = TypeVar("T")
Tell = Callable[[float, str], None]
"""Called with the share that is written and a sentence, as proof of life."""


@dataclass(frozen=True)
class CaseInput:
    """A volume to predict, under the id by which its mask is found again."""

    case_id: str
    volume: Volume


def train_spec(run: Run, snapshot: Snapshot, warm_start: ModelVersion | None) -> TrainSpec:
    """Order to train on a snapshot, from an earlier model's weights where one is given and the settings want one."""
    wanted = settings_of(run.round.preset, run.round.settings)
    folds = {int(case["fold"]) for case in snapshot.manifest["cases"]}
    wanted = replace(wanted, folds=tuple(fold for fold in wanted.folds if fold in folds) or (min(folds),))
    warm_start = warm_start if wanted.warm_start else None
    return TrainSpec(
        dataset_dir=str(_inputs(run) / dataset_name(snapshot)),
        settings=wanted,
        device=settings.DEVICE,
        warm_start_dir=str(places.model_folder(warm_start.folder)) if warm_start else None,
        warm_start_sha256=warm_start.weights_sha256 if warm_start else None,
    )


def predict_spec(
    run: Run,
    model: ModelVersion,
    channels: int,
    cases: Sequence[CaseInput],
    *,
    look_at: Sequence[CaseInput] = (),
    gammas: tuple[float, ...] = (),
) -> PredictSpec:
    """Order to predict cases. channels: number of inputs that the model takes; look_at, gammas: see `PredictSpec`."""

    def case_of(case: CaseInput) -> Case:
        files = (str(_inputs(run) / f"{case.case_id}_{number:04d}.nii.gz") for number in range(channels))
        return Case(case.case_id, tuple(files))

    return PredictSpec(
        model_dir=str(places.model_folder(model.folder)),
        model_sha256=model.weights_sha256,
        cases=tuple(map(case_of, cases)),
        device=settings.DEVICE,
        look_at=tuple(map(case_of, look_at)),
        gammas=gammas,
    )


def adopt_spec(run: Run) -> AdoptSpec:
    """Order to take a model out of the file that its round keeps."""
    source = run.round.source
    return AdoptSpec(
        archive=str(registry.archive_path(run.round)),
        archive_sha256=source["archive_sha256"],
        configuration=source["configuration"],
        channels=registry.channel_names(run.round),
    )


def write_order(run: Run, spec: AdoptSpec) -> None:
    """Write an order that needs no input; one that is there already and says the same is kept."""
    if not _is_ordered(run, to_json(spec)):
        _write_order(run, to_json(spec))


def write_train_order(run: Run, snapshot: Snapshot, spec: TrainSpec, tell: Tell) -> None:
    """Write the dataset, then the order; an order that is there already and says the same is kept."""
    if _is_ordered(run, to_json(spec)):
        return
    cases = len(snapshot.manifest["cases"])
    with folder_aside(_inputs(run)) as folder:
        for done, _ in enumerate(write_raw(snapshot=snapshot, folder=folder / dataset_name(snapshot)), start=1):
            tell(min(done, cases) / cases, f"Wrote {min(done, cases)} of {cases} cases")
    _write_order(run, to_json(spec))


def write_predict_order(
    run: Run, spec: PredictSpec, channels: Sequence[Channel], cases: Sequence[CaseInput], tell: Tell
) -> None:
    """Write the cases' channels, then the order; an order that is there already and says the same is kept."""
    if _is_ordered(run, to_json(spec)):
        return
    with folder_aside(_inputs(run)) as folder:
        for done, case in enumerate(cases, start=1):
            write_channels(case.volume, channels, folder, case.case_id)
            tell(done / len(cases), f"Wrote {done} of {len(cases)} cases")
    _write_order(run, to_json(spec))


def has_result(run: Run) -> bool:
    """True once the run's process has done all that its order says."""
    return _result(run).is_file()


def train_result(run: Run) -> TrainResult:
    """What a training left. Raises Conflict when it is not there or its weights are not those that it describes."""
    result = _read(run, TrainResult)
    _check_weights(run, result)
    return result


def adopt_result(run: Run) -> AdoptResult:
    """The model that was taken out of a file. Raises Conflict as `train_result`."""
    result = _read(run, AdoptResult)
    _check_weights(run, result)
    return result


def predict_result(run: Run) -> PredictResult:
    """What a prediction left. Raises Conflict when it is not there."""
    return _read(run, PredictResult)


def predicted_labels(run: Run, mask_file: str, volume: Volume) -> LabelArray:
    """A predicted mask (Z, Y, X). Raises Conflict when it is missing or lies on another grid than the volume."""
    path = places.out_folder(run.pk) / mask_file
    try:
        labels, grid = read_nifti(path)
    except (OSError, ValueError) as error:
        raise Conflict(f"The mask {mask_file} of run {run.pk} cannot be read: retry the round.", run=run.pk) from error
    if not grid.same_grid(volume.geometry):
        raise Conflict(f"The mask {mask_file} of run {run.pk} lies on another grid than its volume.", run=run.pk)
    return _in_labels_of_the_project(run.round.subject, labels.astype("uint8"))


def doubt_map(run: Run, file: str) -> bytes:
    """The coarse picture of a case's doubt, as the run wrote it. Raises Conflict when it is missing or too large."""
    try:
        with (places.out_folder(run.pk) / file).open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise Conflict(f"The file {file} of run {run.pk} cannot be read: retry the round.", run=run.pk) from error
    if len(content) > MAX_BYTES:
        raise Conflict(f"The file {file} of run {run.pk} is larger than a doubt map can be.", run=run.pk)
    return content


def relative_model_folder(run: Run, result: TrainResult | AdoptResult) -> str:
    """A trained model's folder as the registry stores it."""
    return str((places.out_folder(run.pk) / result.model_dir).relative_to(settings.RUN_DIR))


def _in_labels_of_the_project(model: ModelVersion, labels: LabelArray) -> LabelArray:
    """Labels of a model from elsewhere become those of the project."""
    if not model.label_map:
        return labels
    table = np.zeros(256, dtype=np.uint8)
    for theirs, ours in model.label_map:
        table[theirs] = ours
    ours_zyx: LabelArray = table[labels]
    return ours_zyx


def _check_weights(run: Run, result: TrainResult | AdoptResult) -> None:
    folder = places.out_folder(run.pk) / result.model_dir
    if any(not (folder / path).is_file() or sha256_of(folder / path) != sha for path, sha in result.weights.items()):
        raise Conflict(f"The weights that run {run.pk} wrote are missing or damaged: start a new round.", run=run.pk)


def _inputs(run: Run) -> Path:
    return places.run_folder(run.pk) / "inputs"


def _result(run: Run) -> Path:
    return places.out_folder(run.pk) / "result.json"


def _is_ordered(run: Run, order: str) -> bool:
    """True when this very order was written; what is left of another one is removed."""
    path = places.spec_path(run.pk)
    if path.is_file() and path.read_text(encoding="utf-8") == order:
        return True
    path.unlink(missing_ok=True)
    for folder in (_inputs(run), places.out_folder(run.pk)):
        shutil.rmtree(folder, ignore_errors=True)
    return False


def _write_order(run: Run, order: str) -> None:
    with aside(places.spec_path(run.pk)) as part:
        part.write_text(order, encoding="utf-8")


def _read(run: Run, contract: type[T]) -> T:
    try:
        return from_json(contract, _result(run).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Conflict(f"The result of run {run.pk} cannot be read ({error}): retry the round.", run=run.pk) from error
