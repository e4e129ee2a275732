"""Take a model that was trained elsewhere: nothing in the file is run, and only what is needed is kept.

nnU-Net's own import unpacks whatever the zip holds, loads checkpoints with pickle, and makes any class that the plan
names. Here members are checked (`ml.nnunet.archives`), weights are loaded as tensors alone, the plan may name the
networks of nnU-Net and no other class, and the weights must fit the network.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
from numpy._core import multiarray

from ml.contracts import AdoptResult, AdoptSpec, Progress, joint_sha256
from ml.nnunet.archives import Archive
from ml.nnunet.errors import RunError
from ml.nnunet.files import sha256_of
from ml.nnunet.model import StoredModel, write_model
from ml.nnunet.running import Report, StopFlag
from ml.nnunet.versions import versions

CHECKPOINTS = ("checkpoint_final.pth", "checkpoint_best.pth")
NETWORKS = re.compile(
    r"dynamic_network_architectures\.architectures\.(unet|residual_unet|primus)\.(PlainConvUNet|ResidualEncoderUNet|ResidualUNet)"
)
PARTS = re.compile(r"(torch\.nn\.(modules\.\w+\.)?|dynamic_network_architectures\.building_blocks\.\w+\.)\w+")
_NUMPY_DTYPES = [np.dtypes.Float32DType, np.dtypes.Float64DType, np.dtypes.Int64DType, np.dtypes.BoolDType]
_SAFE: list[Any] = [multiarray.scalar, np.dtype, np.float32, np.float64, np.int64, *_NUMPY_DTYPES]
"""Numpy's plain numbers, which nnU-Net keeps in the log inside a checkpoint."""


def adopt(spec: AdoptSpec, out: Path, report: Report, stop: StopFlag) -> AdoptResult:
    """Leave the model in `out/model`. Raises RunError for a zip, plan or weights that cannot be used, Stopped."""
    path = Path(spec.archive)
    report(Progress("prepare", 0.0, "Checking the file"))
    digest = _checked_hash(path, spec.archive_sha256)
    archive = Archive(path)
    try:
        folder = _model_folder(archive, spec.configuration)
        stop.check()
        report(Progress("prepare", 0.2, "Reading the weights"))
        model, trainer = _read(archive, folder, report, stop)
    finally:
        archive.close()
    report(Progress("prepare", 0.8, "Fitting the weights into the network"))
    _check_weights(model, trainer)
    found = tuple(str(name) for name in model.description["channel_names"].values())
    model = _with_channels(model, spec.channels or found)
    weights = write_model(out / "model", model)
    return AdoptResult(
        model_dir="model",
        weights=weights,
        weights_sha256=joint_sha256(weights),
        weights_bytes=sum((out / "model" / name).stat().st_size for name in weights),
        configuration=model.configuration,
        labels={
            name: value for name, value in model.description["labels"].items() if name not in {"background", "ignore"}
        },
        channels=found,
        trainer=trainer,
        archive_sha256=digest,
        versions=versions(),
    )


def _with_channels(model: StoredModel, names: tuple[str, ...]) -> StoredModel:
    """The model with inputs of these names. Raises RunError when it takes more or fewer."""
    taken = list(model.description["channel_names"].values())
    if len(taken) != len(names):
        raise RunError(
            f"The model takes {len(taken)} inputs ({', '.join(map(str, taken))}), {len(names)} were named: send it "
            "again and name as many."
        )
    channels = {str(number): name for number, name in enumerate(names)}
    return replace(model, description=model.description | {"channel_names": channels})


def _checked_hash(path: Path, wanted: str | None) -> str:
    if not path.is_file():
        raise RunError(f"{path} is missing: send the file again.")
    digest = sha256_of(path)
    if wanted is not None and digest != wanted.strip().lower():
        raise RunError(f"The file's SHA-256 is {digest}, not {wanted}: it was damaged or changed on the way.")
    return digest


def _model_folder(archive: Archive, configuration: str | None) -> PurePosixPath:
    """The one folder with a plan, a description and weights."""
    found = sorted(
        name.parent
        for name in archive.names
        if name.name == "plans.json"
        and name.parent / "dataset.json" in archive.names
        and _weights(archive, name.parent)
    )
    if configuration is not None:
        found = [folder for folder in found if folder.name.rpartition("__")[2] == configuration]
    if len(found) != 1:
        names = ", ".join(folder.name for folder in found) or "none"
        raise RunError(
            f"The zip needs one folder with plans.json, dataset.json and fold_*/checkpoint_final.pth, found {names}: "
            "say which configuration to take, or export one alone."
        )
    return found[0]


def _weights(archive: Archive, folder: PurePosixPath) -> dict[int, PurePosixPath]:
    """Weights of each fold: the last ones, or the best where training was not finished; `fold_all` counts as fold 0."""
    found = dict[int, PurePosixPath]()
    for name in archive.names:
        fold = re.fullmatch(r"fold_(\d+|all)", name.parent.name)
        if fold is None or name.parent.parent != folder or name.name not in CHECKPOINTS:
            continue
        index = 0 if fold[1] == "all" else int(fold[1])
        if name.name == CHECKPOINTS[0] or index not in found:
            found[index] = name
    return dict(sorted(found.items()))


def _read(archive: Archive, folder: PurePosixPath, report: Report, stop: StopFlag) -> tuple[StoredModel, str]:
    plans, description = (_read_json(archive, folder / name) for name in ("plans.json", "dataset.json"))
    weights, checkpoint = dict[int, Any](), dict[str, Any]()
    files = _weights(archive, folder)
    for done, (fold, name) in enumerate(files.items(), start=1):
        stop.check()
        checkpoint = _load(name, archive.read(name))
        weights[fold] = checkpoint["network_weights"]
        report(Progress("prepare", round(0.2 + 0.6 * done / len(files), 3), f"Read fold {fold}"))
    try:
        configuration = str(checkpoint["init_args"]["configuration"])
        axes = checkpoint["inference_allowed_mirroring_axes"]
        _check_plan(plans, configuration)
        _check_description(description)
        return (
            StoredModel(plans, description, configuration, weights, tuple(axes) if axes is not None else None),
            str(checkpoint["trainer_name"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RunError(f"The model lacks what nnU-Net v2 writes ({error!r}): export it with nnU-Net v2.") from error


def _read_json(archive: Archive, name: PurePosixPath) -> dict[str, Any]:
    try:
        content = json.loads(archive.read(name))
    except ValueError as error:
        raise RunError(f"{name} in the zip is not JSON ({error}): export the model again.") from error
    if not isinstance(content, dict):
        raise RunError(f"{name} in the zip is no JSON object: export the model again.")
    return content


def _load(name: PurePosixPath, content: bytes) -> dict[str, Any]:
    try:
        with torch.serialization.safe_globals(_SAFE):
            stored = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        weights = stored["network_weights"]
        if not weights or not all(isinstance(tensor, torch.Tensor) for tensor in weights.values()):
            raise ValueError("its weights are no tensors")
    except (UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = str(error).splitlines()[0][:200]
        raise RunError(
            f"{name} holds more than tensors and numbers, or is damaged ({why}): it is not loaded, because such a file "
            "can run code."
        ) from error
    return {
        key: stored[key] for key in ("network_weights", "trainer_name", "init_args", "inference_allowed_mirroring_axes")
    }


def _check_plan(plans: dict[str, Any], configuration: str) -> None:
    chosen = PlansManager(plans).get_configuration(configuration)
    if chosen.previous_stage_name is not None:
        raise RunError("The model is the second stage of a cascade, which is not supported: export 3d_fullres or 2d.")
    if not NETWORKS.fullmatch(chosen.network_arch_class_name):
        raise RunError(f"The plan names the network {chosen.network_arch_class_name!r}, which is not one of nnU-Net's.")
    arguments = chosen.network_arch_init_kwargs
    for key in chosen.network_arch_init_kwargs_req_import:
        if arguments[key] is not None and not PARTS.fullmatch(str(arguments[key])):
            raise RunError(f"The plan names {arguments[key]!r} as {key}, which is no part of a network.")


def _check_description(description: dict[str, Any]) -> None:
    labels = description["labels"]
    if any(type(value) is not int for value in labels.values()):
        raise RunError("The model draws regions instead of labels, which is not supported.")
    if labels.get("background") != 0 or not description["channel_names"]:
        raise RunError("The model's dataset.json names no background 0, or no channel: export it with nnU-Net v2.")


def _check_weights(model: StoredModel, trainer: str) -> None:
    plans = PlansManager(model.plans)
    configuration = plans.get_configuration(model.configuration)
    network = nnUNetTrainer.build_network_architecture(
        plans,
        configuration,
        determine_num_input_channels(plans, configuration, model.description),
        plans.get_label_manager(model.description).num_segmentation_heads,
        enable_deep_supervision=True,
    )
    for fold, weights in model.folds.items():
        try:
            network.load_state_dict(weights, strict=True)
        except RuntimeError as error:
            raise RunError(
                f"The weights of fold {fold} do not fit the network of the plan (trainer {trainer}): a trainer that "
                f"changes the network is not supported. {str(error).splitlines()[-1].strip()}"
            ) from error
