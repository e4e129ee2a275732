"""A trained model on disk: plans.json, dataset.json and weights that load without running code from the file.

nnU-Net's own tools read the folder too: the weights carry the stock trainer's name, and the plan describes the network.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from ml.contracts import joint_sha256
from ml.nnunet.errors import RunError
from ml.nnunet.files import aside, sha256_of, write_text

WEIGHTS_NAME = "checkpoint_final.pth"
STOCK_TRAINER = "nnUNetTrainer"

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class StoredModel:
    """Content of a model folder, on the CPU.

    folds: weights by the index of their fold; masks are the mean of all of them.
    mirroring_axes: axes that nnU-Net may mirror at prediction; None mirrors none.
    """

    plans: dict[str, Any]
    description: dict[str, Any]
    configuration: str
    folds: dict[int, Weights]
    mirroring_axes: tuple[int, ...] | None


def write_model(folder: Path, model: StoredModel) -> dict[str, str]:
    """Write the model folder; return the sha256 of each weights file by its path in the folder.

    Same weights give the same files.
    """
    write_text(folder / "plans.json", json.dumps(model.plans, indent=2))
    write_text(folder / "dataset.json", json.dumps(model.description, indent=2))
    written = {}
    for fold, weights in sorted(model.folds.items()):
        path = folder / f"fold_{fold}" / WEIGHTS_NAME
        content = {
            "network_weights": weights,
            "trainer_name": STOCK_TRAINER,
            "init_args": {"configuration": model.configuration, "fold": fold},
            "inference_allowed_mirroring_axes": model.mirroring_axes,
        }
        with aside(path) as part, part.open("wb") as stream:
            torch.save(content, stream)
        written[str(path.relative_to(folder))] = sha256_of(path)
    return written


def read_model(folder: Path, *, sha256: str | None) -> StoredModel:
    """Read a model folder. Raises RunError when a file is missing, damaged or not the one of that hash.

    sha256: joint hash that the weights must have; None takes whatever lies there, still without running code from it.
    """
    content = {path: path.read_bytes() for path in weights_files(folder)}
    found = joint_sha256({str(path.relative_to(folder)): _digest(data) for path, data in content.items()})
    if sha256 is not None and found != sha256:
        raise RunError(
            f"The weights in {folder} have hash {found[:12]}…, the registry knows {sha256[:12]}…: restore the file."
        )
    try:
        folds = [torch.load(io.BytesIO(data), map_location="cpu", weights_only=True) for data in content.values()]
        plans, description = (json.loads((folder / name).read_bytes()) for name in ("plans.json", "dataset.json"))
        return StoredModel(
            plans=plans,
            description=description,
            configuration=folds[0]["init_args"]["configuration"],
            folds={int(_index(path)): stored["network_weights"] for path, stored in zip(content, folds, strict=True)},
            mirroring_axes=folds[0]["inference_allowed_mirroring_axes"],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, UnpicklingError) as error:
        raise RunError(
            f"The model in {folder} cannot be read ({type(error).__name__}: {error}): restore it or train again."
        ) from error


def weights_files(folder: Path) -> list[Path]:
    """Weights of a model folder, one file per fold. Raises RunError when there is none."""
    found = sorted(folder.glob(f"fold_*/{WEIGHTS_NAME}"))
    if not found:
        raise RunError(f"{folder} has no fold_*/{WEIGHTS_NAME}: give a model folder of a finished run.")
    return found


def _index(path: Path) -> str:
    return path.parent.name.removeprefix("fold_")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def take_over(network: torch.nn.Module, weights: Weights) -> tuple[int, int]:
    """Copy every tensor of equal name and shape into the network; return how many, of how many.

    nnU-Net's own loader of pretrained weights drops the output layers, which costs most of the head start.
    """
    own = network.state_dict()
    fitting = {name: tensor for name, tensor in weights.items() if name in own and own[name].shape == tensor.shape}
    network.load_state_dict(own | fitting)
    return len(fitting), len(own)
