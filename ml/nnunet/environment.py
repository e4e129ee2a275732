"""The process around nnU-Net: folders, threads, device. nnU-Net reads these from the environment at use."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import torch

from ml.nnunet.errors import RunError


def set_folders(work_dir: Path) -> None:
    """Point nnU-Net's three folders into the run's own work folder, so that runs cannot meet."""
    for name in ("raw", "preprocessed", "results"):
        folder = work_dir / name
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[f"nnUNet_{name}"] = str(folder)


def open_device(device: str) -> torch.device:
    """Device of a spec (`cpu`, `cuda`, `cuda:<n>`), with the number of threads that suits it.

    nnU-Net always takes the first visible GPU, so `cuda:<n>` hides the others.
    Raises RunError when a GPU is asked for and there is none.
    """
    if device == "cpu":
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        return torch.device("cpu")
    index = int(device.partition(":")[2] or 0)
    visible = [entry for entry in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if entry]
    if ":" in device:
        os.environ["CUDA_VISIBLE_DEVICES"] = visible[index] if index < len(visible) else str(index)
    if not torch.cuda.is_available():
        raise RunError(
            f"Device {device!r} was asked for, but torch finds no such GPU here: choose 'cpu', or mend the driver."
        )
    torch.set_num_threads(1)
    torch.backends.cudnn.benchmark = True
    return torch.device("cuda")


def worker_processes(device: torch.device) -> int:
    """Processes for preparing cases: one on a CPU that also trains, several beside a GPU."""
    return 1 if device.type == "cpu" else min(8, os.cpu_count() or 1)


def set_compilation(*, small_network: bool) -> None:
    """Keep torch.compile away from small networks, which train for less time than it takes to compile them."""
    if small_network:
        os.environ.update(nnUNet_compile="f")


def seed_everything(seed: int) -> None:
    """Seed Python, numpy and torch."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 nnU-Net and batchgenerators draw from numpy's global generator
    torch.manual_seed(seed)
