"""Train as a spec says: check, plan, preprocess, train every fold, choose, write the model.

A run that was stopped goes on where it was: plan, preprocessed cases, finished folds and checkpoints stay in `work`.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import fmean
from typing import Any

from ml.contracts import Progress, TrainResult, TrainSpec, joint_sha256
from ml.contracts.presets import Configuration
from ml.nnunet.dataset import check_labels, read_dataset
from ml.nnunet.environment import open_device, set_compilation, set_folders, worker_processes
from ml.nnunet.files import write_text
from ml.nnunet.model import StoredModel, read_model, write_model
from ml.nnunet.planning import apply_preset, is_of_planner, plan, planned
from ml.nnunet.postprocessing import choose_rules, write_rules
from ml.nnunet.preparation import prepare_cases
from ml.nnunet.running import WORK, Pace, Report, StopFlag
from ml.nnunet.units import Finished, Unit, Workshop, train_unit
from ml.nnunet.validation import mean_dice, predict_fold, validated
from ml.nnunet.versions import versions

_PREPARED = 0.15
"""Share of the whole run that planning and preprocessing take; an estimate for the progress bar alone."""
_TRAINED = 0.99


def train(spec: TrainSpec, out: Path, report: Report, stop: StopFlag) -> TrainResult:
    """Train and leave `out/model` behind; `out/work` holds what a stopped training needs to go on.

    Raises RunError for a dataset, model or device that cannot be used, Stopped after a checkpoint.
    """
    began = time.monotonic()
    report(Progress("prepare", 0.0, "Checking the dataset"))
    dataset = read_dataset(Path(spec.dataset_dir), spec.settings.folds)
    check_labels(dataset)
    shop = Workshop(spec, dataset, open_device(spec.device), out / WORK, report, stop, share=(_PREPARED, _TRAINED))
    set_folders(shop.work)
    set_compilation(small_network=spec.settings.features is not None)
    warm = _warm_model(spec)
    plans = _plan(shop, warm)
    configurations = planned(plans, spec.settings)
    for number, configuration in enumerate(configurations):
        _preprocess(shop, plans, configuration, number, len(configurations))
    finished = _train_all(shop, plans, warm, configurations)
    return _conclude(shop, plans, finished, out, time.monotonic() - began)


def _warm_model(spec: TrainSpec) -> StoredModel | None:
    if spec.warm_start_dir is None:
        return None
    return read_model(Path(spec.warm_start_dir), sha256=spec.warm_start_sha256)


def _plan(shop: Workshop, warm: StoredModel | None) -> dict[str, Any]:
    """Plan of this run: the one that an earlier attempt made, the warm model's, or a new one."""
    path = shop.work / "plans.json"
    if not path.is_file():
        shop.stop.check()
        shop.report(Progress("plan", 0.02, f"Planning with {len(shop.dataset.cases)} cases"))
        if warm is not None and _fits(warm, shop):
            plans = warm.plans | {"dataset_name": shop.dataset.name}
        else:
            plans = plan(shop.dataset, shop.spec.settings, processes=worker_processes(shop.device), stop=shop.stop)
        apply_preset(plans, shop.spec.settings)
        write_text(path, json.dumps(plans))
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return stored


def _fits(warm: StoredModel, shop: Workshop) -> bool:
    """A plan is kept from round to round, so that weights keep their shapes, while channels and planner stay."""
    settings = shop.spec.settings
    same_channels = list(warm.description["channel_names"].values()) == list(shop.dataset.channels)
    same_planner = is_of_planner(warm.plans, settings.planner)
    return same_channels and same_planner and settings.configurations[0] in warm.plans["configurations"]


def _preprocess(shop: Workshop, plans: dict[str, Any], configuration: Configuration, number: int, of: int) -> None:
    dataset = shop.dataset
    preprocessed = shop.work / "preprocessed" / dataset.name
    folder = preprocessed / plans["configurations"][configuration]["data_identifier"]
    cases, start = len(dataset.cases), 0.05
    pace = None
    processes = worker_processes(shop.device)
    for done in prepare_cases(dataset, plans, configuration, folder, processes=processes, stop=shop.stop):
        pace = pace or Pace(cases, skipped=done)
        fraction = start + (_PREPARED - start) * (number + pace.fraction(done)) / of
        told = f"Preprocessed {done} of {cases} cases" + (f" for {configuration}" if of > 1 else "")
        shop.report(Progress("preprocess", round(fraction, 4), told))
    splits = [{"train": list(fold.train), "val": list(fold.validation)} for fold in dataset.folds]
    write_text(preprocessed / "splits_final.json", json.dumps(splits))


def _train_all(
    shop: Workshop, plans: dict[str, Any], warm: StoredModel | None, configurations: tuple[Configuration, ...]
) -> dict[Configuration, list[Finished]]:
    """Every fold of every configuration, each followed by the masks of its validation cases where these are needed."""
    pairs = [(configuration, fold) for configuration in configurations for fold in shop.dataset.folds]
    finished: dict[Configuration, list[Finished]] = {configuration: [] for configuration in configurations}
    for number, (configuration, fold) in enumerate(pairs):
        unit = Unit(configuration, fold, number, len(pairs))
        done = train_unit(shop, unit, plans, warm)
        finished[configuration].append(done)
        if _chooses(shop, configurations):
            low, high = shop.share
            fraction = round(low + (high - low) * (number + 1) / len(pairs), 4)
            shop.report(Progress("validate", fraction, "Drafting the validation cases", part=unit.part))
            predict_fold(shop, fold, done.model)
    return finished


def _chooses(shop: Workshop, configurations: tuple[Configuration, ...]) -> bool:
    return shop.spec.settings.postprocess or len(configurations) > 1


def _conclude(
    shop: Workshop, plans: dict[str, Any], finished: dict[Configuration, list[Finished]], out: Path, seconds: float
) -> TrainResult:
    """Keep the best configuration, with all its folds and the rules that its validation cases speak for."""
    dataset, settings = shop.dataset, shop.spec.settings
    names = tuple(finished)
    scores: dict[str, dict[str, float]] = {}
    if _chooses(shop, names):
        scores = {name: mean_dice(dataset, shop.work, name) for name in names}
    kept = max(names, key=lambda name: fmean(scores.get(name, {}).values() or [0.0]))
    parts = [done.model for done in finished[kept]]
    folds = {index: weights for part in parts for index, weights in part.folds.items()}
    folder = out / "model"
    model = StoredModel(plans, dataset.description, kept, folds, parts[0].mirroring_axes)
    if settings.postprocess:
        cases = ((case.prediction, case.reference, case.spacing_zyx_mm) for case in validated(dataset, shop.work, kept))
        write_rules(folder, choose_rules(cases, dataset.foreground, ignore=dataset.labels.get("ignore")))
    weights = write_model(folder, model)
    return TrainResult(
        model_dir=folder.name,
        weights=weights,
        weights_sha256=joint_sha256(weights),
        weights_bytes=sum((folder / path).stat().st_size for path in weights),
        epochs=settings.epochs,
        training_cases=len(dataset.training_cases),
        pseudo_dice=finished[kept][-1].pseudo_dice,
        seconds=round(seconds, 2),
        device=shop.spec.device,
        configuration=kept,
        validation=scores,
        versions=versions(),
    )
