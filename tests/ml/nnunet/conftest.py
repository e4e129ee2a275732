"""Three shapes in noise: enough for a network to learn in seconds. One trained model serves every test."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ml.contracts import Progress, TrainResult, TrainSpec, from_json, preset, to_json
from ml.geometry import Geometry
from ml.volumes import write_nifti

LABELS = {"background": 0, "gland": 1, "lesion": 2, "heart": 3, "ignore": 4}
CHANNELS = {"0": "phase0", "1": "phase1"}
ROOT = Path(__file__).parents[3]


def grid(shape_zyx: tuple[int, int, int], spacing_zyx_mm: tuple[float, float, float] = (3.0, 2.0, 2.0)) -> Geometry:
    z_mm, y_mm, x_mm = spacing_zyx_mm
    return Geometry.from_axes(
        shape_zyx=shape_zyx,
        origin_lps=(-80.0, -60.5, 12.25),
        z_axis_lps=np.array([0.0, 0.0, z_mm]),
        y_axis_lps=np.array([0.0, y_mm, 0.0]),
        x_axis_lps=np.array([x_mm, 0.0, 0.0]),
    )


def shapes(seed: int, shape_zyx: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Channels (2, Z, Y, X) float32 and labels (Z, Y, X) of three balls that differ in brightness."""
    rng = np.random.default_rng(seed)
    size = np.array(shape_zyx)
    place = np.stack(np.indices(shape_zyx), axis=-1)
    labels = np.zeros(shape_zyx, np.uint8)
    for value, (centre, radius) in {
        1: ((0.5, 0.4, 0.3), 0.16),
        2: ((0.5, 0.4, 0.7), 0.1),
        3: ((0.5, 0.8, 0.5), 0.1),
    }.items():
        middle = (np.array(centre) + rng.uniform(-0.05, 0.05, 3)) * size
        labels[(((place - middle) / size) ** 2).sum(axis=-1) < radius**2] = value
    means = np.array([[10, 60, 90, 140], [0, 30, 80, 5]])
    return (means[:, labels] + rng.normal(0, 8, (2, *shape_zyx))).astype(np.float32), labels


def write_case(folder: Path, name: str, seed: int, geometry: Geometry) -> np.ndarray:
    """Write the channels of a case; return its labels."""
    folder.mkdir(parents=True, exist_ok=True)
    channels, labels = shapes(seed, geometry.shape_zyx)
    for number, channel in enumerate(channels):
        write_nifti(folder / f"{name}_{number:04d}.nii.gz", channel, geometry)
    return labels


def write_dataset(folder: Path, cases: int = 4, shape_zyx: tuple[int, int, int] = (32, 96, 96)) -> Path:
    """Raw dataset with every second slice ignored, as where not every slice was annotated; the last case validates."""
    names = [f"case{number}" for number in range(cases)]
    (folder / "labelsTr").mkdir(parents=True)
    for seed, name in enumerate(names):
        labels = write_case(folder / "imagesTr", name, seed, grid(shape_zyx))
        labels[::2] = LABELS["ignore"]
        write_nifti(folder / "labelsTr" / f"{name}.nii.gz", labels, grid(shape_zyx))
    description = {"channel_names": CHANNELS, "labels": LABELS, "numTraining": cases, "file_ending": ".nii.gz"}
    (folder / "dataset.json").write_text(json.dumps(description))
    (folder / "splits_final.json").write_text(json.dumps([{"train": names[:-1], "val": names[-1:]}]))
    return folder


def run_cli(command: str, spec: object, out: Path, *, check: bool = True) -> tuple[int, list[Progress], str]:
    """Run the command line in a process of its own: exit code, progress, standard error."""
    out.parent.mkdir(parents=True, exist_ok=True)
    order = out.parent / f"{out.name}.json"
    order.write_text(spec if isinstance(spec, str) else to_json(spec))
    done = subprocess.run(
        [sys.executable, "-m", "ml.cli", command, "--spec", str(order), "--out", str(out)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if check:
        assert done.returncode == 0, done.stderr[-3000:]
    return done.returncode, [from_json(Progress, line) for line in done.stdout.splitlines()], done.stderr


@dataclass(frozen=True)
class Trained:
    """One finished smoke training."""

    spec: TrainSpec
    out: Path
    result: TrainResult
    lines: list[Progress]

    @property
    def model_dir(self) -> Path:
        return self.out / self.result.model_dir


@pytest.fixture(scope="session")
def raw(tmp_path_factory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("raw") / "Dataset007_shapes")


@pytest.fixture(scope="session")
def trained(raw, tmp_path_factory) -> Trained:
    spec = TrainSpec(dataset_dir=str(raw), settings=preset("smoke"), seed=3)
    out = tmp_path_factory.mktemp("run") / "out"
    _, lines, _ = run_cli("train", spec, out)
    return Trained(spec, out, from_json(TrainResult, (out / "result.json").read_text()), lines)


@pytest.fixture(scope="session")
def cli() -> Callable[..., tuple[int, list[Progress], str]]:
    return run_cli


@pytest.fixture(scope="session")
def make_dataset() -> Callable[..., Path]:
    return write_dataset


@pytest.fixture(scope="session")
def make_case() -> Callable[..., np.ndarray]:
    return write_case


@pytest.fixture(scope="session")
def make_grid() -> Callable[..., Geometry]:
    return grid
