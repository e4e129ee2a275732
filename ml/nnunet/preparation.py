"""Preprocessed cases: nnU-Net's own preprocessing, one case at a time, each one whole or not there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from nnunetv2.imageio.simpleitk_reader_writer import SimpleITKIO
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
from numpy.typing import NDArray

from ml.nnunet.dataset import RawCase, RawDataset
from ml.nnunet.errors import RunError
from ml.nnunet.running import StopFlag
from ml.nnunet.workers import each
from ml.volumes import check_whole


@dataclass(frozen=True)
class _Job:
    case_id: str
    case: RawCase
    folder: Path
    plans: dict[str, Any]
    configuration: str
    description: dict[str, Any]


def prepare_cases(
    dataset: RawDataset, plans: dict[str, Any], configuration: str, folder: Path, *, processes: int, stop: StopFlag
) -> Iterator[int]:
    """Preprocess the cases that an earlier attempt has not, into `folder`; yield the number done after each.

    Raises RunError for a case that cannot be read .
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = {case_id: case for case_id, case in dataset.cases.items() if not _is_prepared(folder, case_id)}
    jobs = [_Job(name, case, folder, plans, configuration, dataset.description) for name, case in missing.items()]
    done = len(dataset.cases) - len(missing)
    yield done
    for _ in each(_prepare, jobs, processes=processes, stop=stop):
        done += 1
        yield done


def read_channels(case_id: str, files: tuple[Path, ...]) -> tuple[NDArray[np.float32], dict[str, Any]]:
    """Array (C, Z, Y, X) of a case and nnU-Net's description of its grid. Raises RunError when it cannot be used."""
    try:
        for path in files:
            check_whole(path)
        array, properties = SimpleITKIO().read_images([str(path) for path in files])
    except (RuntimeError, ValueError) as error:
        why = str(error).strip().splitlines()[-1:] or ["the channels have different grids"]
        raise RunError(f"Case {case_id} cannot be read ({why[0]}): import or export it again.") from error
    return array, properties


def _is_prepared(folder: Path, case_id: str) -> bool:
    return (folder / f"{case_id}.pkl").is_file()


def _prepare(job: _Job) -> None:
    manager = PlansManager(job.plans)
    configuration = manager.get_configuration(job.configuration)
    aside = job.folder / f".part-{job.case_id}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    preprocessor, images = configuration.preprocessor_class(verbose=False), [str(path) for path in job.case.images]
    preprocessor.run_case_save(
        str(aside / job.case_id), images, str(job.case.label), manager, configuration, job.description
    )
    for ending in (".b2nd", "_seg.b2nd", ".pkl"):  # the .pkl last: it marks a case as prepared
        (aside / f"{job.case_id}{ending}").replace(job.folder / f"{job.case_id}{ending}")
    aside.rmdir()
