"""Phantoms as a scanner would deliver them, made by a process beside this one. Loads no Django: workers import it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from backend.core.processes import die_with_parent
from ml.geometry import Geometry
from ml.labelmaps import LabelArray
from ml.phantom import Size, make_phantom, write_dicom
from ml.phantom.build import make_build
from ml.phantom.identity import make_identity

PHASES = 3
"""Before contrast, early and late: enough to see uptake and wash-out."""
PROCESSES = 2
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Scan:
    """A phantom on disk: the folder with its DICOM, and the truth (Z, Y, X) on its own grid."""

    seed: int
    folder: Path
    labels: LabelArray
    geometry: Geometry


def patient_id(seed: int) -> str:
    """The identifier that the phantom's DICOM carries; import makes a pseudonym of it."""
    return make_identity(seed).patient_id


def pick_seeds(first: int, with_implants: Sequence[bool]) -> list[int]:
    """A seed for each place, from `first` on: a patient with implants where the place says so, without elsewhere.

    Implants are rare and unlike all else; without a plan, chance alone would decide whether a model can learn them.
    """
    waiting: dict[bool, list[int]] = {True: [], False: []}
    seeds, chosen = count(first), list[int]()
    for wanted in with_implants:
        while not waiting[wanted]:
            seed = next(seeds)
            waiting[bool(make_build(seed).implants)].append(seed)
        chosen.append(waiting[wanted].pop(0))
    return chosen


def scan(seed: int, folder: Path) -> Scan:
    """Draw one small phantom and write its DICOM below the folder."""
    phantom = make_phantom(seed=seed, size=Size.SMALL, phases=PHASES)
    place = folder / str(seed)
    write_dicom(phantom, place)
    return Scan(seed, place, phantom.labels, phantom.geometry)


@contextmanager
def scans(seeds: Sequence[int], folder: Path) -> Iterator[Iterator[Scan]]:
    """Scans of the seeds in their order; the next ones are drawn while the last one is worked on."""
    with _one_thread_each():
        pool = ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=_end_with_parent)
        try:
            waiting = [pool.submit(scan, seed, folder) for seed in seeds]
            yield (future.result() for future in waiting)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def on_grid(labels: LabelArray, source: Geometry, target: Geometry) -> LabelArray:
    """Labels of one grid at the voxels of another (nearest voxel); background outside.

    A stored volume may have its slices in another order than they were drawn in.
    """
    step = np.linalg.inv(source.matrix) @ target.matrix
    index = np.indices(target.shape_zyx).reshape(3, -1)
    at = np.rint(step[:3, :3] @ index + step[:3, 3:]).astype(np.intp)
    inside = np.all((at >= 0) & (at < np.array(labels.shape)[:, None]), axis=0)
    found = np.zeros(index.shape[1], dtype=np.uint8)
    found[inside] = labels[tuple(at[:, inside])]
    return found.reshape(target.shape_zyx)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """For processes started meanwhile: a phantom takes 1.4 s of CPU on one thread, 2.2 s on two that wait in turn."""
    missing = [name for name in _THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(missing, "1"))
    try:
        yield
    finally:
        for name in missing:
            del os.environ[name]


def _end_with_parent() -> None:
    follow = die_with_parent(signal.SIGKILL)
    if follow is not None:
        follow()
