"""From a raw dataset to an nnU-Net plan: fingerprint, nnU-Net's own planner, then the preset's wishes."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from nnunetv2.experiment_planning.dataset_fingerprint.fingerprint_extractor import DatasetFingerprintExtractor
from nnunetv2.experiment_planning.experiment_planners.default_experiment_planner import ExperimentPlanner
from nnunetv2.experiment_planning.experiment_planners.residual_unets.residual_encoder_unet_planners import (
    nnUNetPlannerResEncL,
    nnUNetPlannerResEncM,
    nnUNetPlannerResEncXL,
)
from nnunetv2.imageio.simpleitk_reader_writer import SimpleITKIO
from nnunetv2.paths import nnUNet_preprocessed, nnUNet_raw
from nnunetv2.utilities.json_export import recursive_fix_for_json_export
from numpy.typing import NDArray

from ml.contracts import Preset
from ml.contracts.presets import Configuration, Planner
from ml.nnunet.dataset import RawCase, RawDataset
from ml.nnunet.errors import RunError
from ml.nnunet.files import write_text
from ml.nnunet.running import StopFlag
from ml.nnunet.workers import each

FOREGROUND_SAMPLES = 1_000_000
"""Voxels behind the intensity statistics. nnU-Net takes 100 million, in 3 GB; the statistics only serve CT."""

_PLANNERS: dict[Planner, type[ExperimentPlanner]] = {
    "default": ExperimentPlanner,
    "ResEncM": nnUNetPlannerResEncM,
    "ResEncL": nnUNetPlannerResEncL,
    "ResEncXL": nnUNetPlannerResEncXL,
}
_PERCENTILES = {"percentile_00_5": 0.5, "median": 50.0, "percentile_99_5": 99.5}


def describe_for_nnunet(dataset: RawDataset) -> dict[str, Any]:
    """Content of dataset.json that lists every file, so that nnU-Net need not search folders in a pool of processes."""
    return dataset.description | {
        "numTraining": len(dataset.cases),
        "overwrite_image_reader_writer": SimpleITKIO.__name__,
        "dataset": {
            case_id: {"images": [str(path.resolve()) for path in case.images], "label": str(case.label.resolve())}
            for case_id, case in dataset.cases.items()
        },
    }


def plan(dataset: RawDataset, preset: Preset, *, processes: int, stop: StopFlag) -> dict[str, Any]:
    """nnU-Net's plan for the dataset. Needs nnU-Net's folders to be set; writes only there."""
    raw = Path(nnUNet_raw.require()) / dataset.name
    preprocessed = Path(nnUNet_preprocessed.require()) / dataset.name
    preprocessed.mkdir(parents=True, exist_ok=True)
    write_text(raw / "dataset.json", json.dumps(describe_for_nnunet(dataset)))
    content = fingerprint(dataset, processes=processes, stop=stop)
    write_text(preprocessed / "dataset_fingerprint.json", json.dumps(content))
    memory = {} if preset.gpu_memory_gb is None else {"gpu_memory_target_in_gb": preset.gpu_memory_gb}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a memory target of one's own is what was asked for
        plans: dict[str, Any] = _PLANNERS[preset.planner](dataset.name, **memory).plan_experiment()
    return plans


def is_of_planner(plans: dict[str, Any], planner: Planner) -> bool:
    """Whether this planner made the plan."""
    return bool(plans.get("experiment_planner_used") == _PLANNERS[planner].__name__)


def planned(plans: dict[str, Any], preset: Preset) -> tuple[Configuration, ...]:
    """The preset's configurations that nnU-Net planned. Raises RunError where the first is not among them."""
    known = plans["configurations"]
    if preset.configurations[0] not in known:
        raise RunError(
            f"nnU-Net plans no {preset.configurations[0]} for these volumes, only {', '.join(known)}: choose another "
            "preset."
        )
    return tuple(name for name in preset.configurations if name in known)


def apply_preset(plans: dict[str, Any], preset: Preset) -> None:
    """Write the preset's patch, batch and network into the plan, in place."""
    for name in planned(plans, preset):
        _apply(plans["configurations"][name], preset)


def _apply(configuration: dict[str, Any], preset: Preset) -> None:
    if preset.patch_yx is not None:
        configuration["patch_size"] = list(preset.patch_yx)
    if preset.batch_size is not None:
        configuration["batch_size"] = preset.batch_size
    if preset.features is not None:
        configuration["architecture"]["arch_kwargs"].update(_small_unet(preset.features))


def _small_unet(features: tuple[int, ...]) -> dict[str, Any]:
    """Arguments of a PlainConvUNet with one convolution per stage, each at half the resolution of the one before."""
    stages = len(features)
    return {
        "n_stages": stages,
        "features_per_stage": list(features),
        "kernel_sizes": [[3, 3]] * stages,
        "strides": [[1, 1]] + [[2, 2]] * (stages - 1),
        "n_conv_per_stage": [1] * stages,
        "n_conv_per_stage_decoder": [1] * (stages - 1),
    }


def fingerprint(
    dataset: RawDataset, *, processes: int, stop: StopFlag, samples: int = FOREGROUND_SAMPLES
) -> dict[str, Any]:
    """nnU-Net's dataset fingerprint, case by case without its pool of processes.

    Same values as DatasetFingerprintExtractor.run with `num_foreground_voxels_for_intensitystats = samples`.
    """
    jobs = [(case, samples // len(dataset.cases)) for case in dataset.cases.values()]
    analysed = [result for _, result in sorted(each(_analyse, jobs, processes=processes, stop=stop))]
    shapes, spacings, intensities, _, sizes = zip(*analysed, strict=True)
    content = {
        "spacings": list(spacings),
        "shapes_after_crop": list(shapes),
        "foreground_intensity_properties_per_channel": {
            str(channel): _statistics(np.concatenate([case[channel] for case in intensities]))
            for channel in range(len(dataset.channels))
        },
        "median_relative_size_after_cropping": float(np.median(sizes)),
    }
    recursive_fix_for_json_export(content)
    return content


def _analyse(job: tuple[RawCase, int]) -> tuple[Any, ...]:
    case, samples = job
    images = [str(path) for path in case.images]
    result: tuple[Any, ...] = DatasetFingerprintExtractor.analyze_case(images, str(case.label), SimpleITKIO, samples)
    return result


def _statistics(values: NDArray[np.float32]) -> dict[str, float]:
    percentiles = np.percentile(values, list(_PERCENTILES.values()))
    moments = {"mean": values.mean(), "std": values.std(), "min": values.min(), "max": values.max()}
    named = moments | dict(zip(_PERCENTILES, percentiles, strict=True))
    return {name: float(value) for name, value in named.items()}
