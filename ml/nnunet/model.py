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

from ml.nnunet.errors import RunError
from ml.nnunet.files import aside, sha256_of, write_text

WEIGHTS_NAME = "checkpoint_final.pth"
STOCK_TRAINER = "nnUNetTrainer"

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class StoredModel:
    """Content of a model folder, on the CPU.

    mirroring_axes: axes that nnU-Net may mirror at prediction; None mirrors none.
    """

    plans: dict[str, Any]
    description: dict[str, Any]
    configuration: str
    weights: Weights
    mirroring_axes: tuple[int, ...] | None


def write_model(folder: Path, fold: int, model: StoredModel) -> Path:
    """Write the model folder; return the path of its weights. Same weights give the same file."""
    write_text(folder / "plans.json", json.dumps(model.plans, indent=2))
    write_text(folder / "dataset.json", json.dumps(model.description, indent=2))
    content = {
        "network_weights": model.weights,
        "trainer_name": STOCK_TRAINER,
        "init_args": {"configuration": model.configuration, "fold": fold},
        "inference_allowed_mirroring_axes": model.mirroring_axes,
    }
    path = folder / f"fold_{fold}" / WEIGHTS_NAME
    with aside(path) as part, part.open("wb") as stream:
        torch.save(content, stream)
    return path


def read_model(folder: Path, *, sha256: str | None) -> StoredModel:
    """Read a model folder. Raises RunError when a file is missing, damaged or not the one of that hash.

    sha256: hash that the weights must have; None takes whatever lies there, still without running code from it.
    """
    path = weights_file(folder)
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if sha256 is not None and found != sha256:
        raise RunError(
            f"The weights {path} have hash {found[:12]}…, the registry knows {sha256[:12]}…: restore the file."
        )
    try:
        stored = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        plans, description = (json.loads((folder / name).read_bytes()) for name in ("plans.json", "dataset.json"))
        return StoredModel(
            plans=plans,
            description=description,
            configuration=stored["init_args"]["configuration"],
            weights=stored["network_weights"],
            mirroring_axes=stored["inference_allowed_mirroring_axes"],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, UnpicklingError) as error:
        raise RunError(
            f"The model in {folder} cannot be read ({type(error).__name__}: {error}): restore it or train again."
        ) from error


def weights_file(folder: Path) -> Path:
    """The one weights file of a model folder. Raises RunError when there is none or more than one."""
    found = sorted(folder.glob(f"fold_*/{WEIGHTS_NAME}"))
    if len(found) != 1:
        raise RunError(
            f"{folder} needs one fold_*/{WEIGHTS_NAME}, found {len(found)}: give a model folder of a finished run."
        )
    return found[0]


def describe_weights(path: Path) -> tuple[str, int]:
    """sha256 and size in bytes of a weights file."""
    return sha256_of(path), path.stat().st_size


def take_over(network: torch.nn.Module, weights: Weights) -> tuple[int, int]:
    """Copy every tensor of equal name and shape into the network; return how many, of how many.

    nnU-Net's own loader of pretrained weights drops the output layers, which costs most of the head start.
    """
    own = network.state_dict()
    fitting = {name: tensor for name, tensor in weights.items() if name in own and own[name].shape == tensor.shape}
    network.load_state_dict(own | fitting)
    return len(fitting), len(own)
