"""What it takes to read the headers of an upload: ours, with its checks, against SimpleITK and plain pydicom.

Goal: 5 times SimpleITK's series scan, which is to sort a folder into series and to read what is needed of each file;
GetGDCMSeriesIDs alone only names the series.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pydicom
import pytest
import SimpleITK as sitk

from backend.imaging.dicom.scan import scan
from tests.bench.studies import StudyFiles
from tests.bench.tables import median, show

RUNS = 7
PEER = "SimpleITK: the same, its files, and GetMetaData of five attributes"
TAGS = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "ImagePositionPatient", "ImageOrientationPatient"]
KEYS = ("0020|000d", "0020|000e", "0008|0018", "0020|0032", "0020|0037")

pytestmark = pytest.mark.timeout(900)


def test_scan_of_headers(study: StudyFiles) -> None:
    study.warm()
    ways: dict[str, Callable[[StudyFiles], int]] = {
        "ours: every attribute that is judged, in order": _ours,
        "SimpleITK: GetGDCMSeriesIDs of each folder": _series_ids,
        PEER: _series_and_tags,
        "pydicom: stop_before_pixels": _pydicom,
        "pydicom: five specific_tags": _pydicom_tags,
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            began = time.perf_counter()
            found = way(study)
            seconds[name].append(time.perf_counter() - began)
            assert found == len(study.paths), f"{name}: {found}"
    rates = {name: len(study.paths) / median(values) for name, values in seconds.items()}
    peer = rates[PEER]
    show(
        f"Header scan of {study.name}, {len(study.paths)} files, median of {RUNS}, one process",
        ["way", "files/s", "of SimpleITK's series scan (goal 5×)"],
        [[name, f"{rate:.0f}", f"{rate / peer:.2f}×"] for name, rate in rates.items()],
    )


def _ours(study: StudyFiles) -> int:
    return len(scan(study.paths).headers)


def _series_ids(study: StudyFiles) -> int:
    """Knows the series, not yet their files, which are as many as the folder holds."""
    folders = {path.parent for path in study.paths}
    assert all(sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(folder)) for folder in folders)
    return len(study.paths)


def _series_and_tags(study: StudyFiles) -> int:
    read = 0
    for folder in {path.parent for path in study.paths}:
        for series in sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(folder)):
            read += sum(map(_tags, sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder), series)))
    return read


def _tags(path: str) -> bool:
    reader = sitk.ImageFileReader()
    reader.SetFileName(path)
    reader.ReadImageInformation()
    return all(reader.GetMetaData(key) for key in KEYS)


def _pydicom(study: StudyFiles) -> int:
    return sum(bool(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID) for path in study.paths)


def _pydicom_tags(study: StudyFiles) -> int:
    read = (pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(TAGS)) for path in study.paths)
    return sum(bool(dataset.SOPInstanceUID) for dataset in read)
