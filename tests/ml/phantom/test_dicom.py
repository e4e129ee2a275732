import dataclasses
from itertools import pairwise

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from ml.geometry import Geometry
from ml.phantom import Size, make_phantom, write_dicom
from ml.phantom.dicom import _uid


@pytest.fixture(scope="module")
def folder(patient, tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    write_dicom(patient, folder)
    return folder


@pytest.fixture(scope="module")
def series(folder):
    return sorted(path for path in folder.iterdir())


def _headers(path):
    return [pydicom.dcmread(file, stop_before_pixels=True) for file in sorted(path.iterdir())]


def _read(path):
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(path)))
    return reader.Execute()


def _geometry(image):
    direction = np.array(image.GetDirection()).reshape(3, 3)
    x_mm, y_mm, z_mm = image.GetSpacing()
    return Geometry.from_axes(
        shape_zyx=image.GetSize()[::-1],
        origin_lps=image.GetOrigin(),
        z_axis_lps=direction[:, 2] * z_mm,
        y_axis_lps=direction[:, 1] * y_mm,
        x_axis_lps=direction[:, 0] * x_mm,
    )


def test_another_reader_finds_the_same_pixels_at_the_same_place(patient, series):
    assert len(series) == len(patient.phases)
    for phase, path in enumerate(series):
        image = _read(path)
        assert np.array_equal(sitk.GetArrayFromImage(image), patient.phases[phase])
        assert _geometry(image).same_grid(patient.geometry, tolerance_mm=1e-3)


def test_write_dicom_returns_every_file_and_leaves_nothing_aside(patient, tmp_path):
    paths = write_dicom(patient, tmp_path)
    assert len(paths) == len(set(paths)) == patient.phases.shape[0] * patient.phases.shape[1]
    assert sorted(paths) == sorted(path for path in tmp_path.rglob("*") if path.is_file())


def test_slices_rise_along_the_normal_of_rows_and_columns(patient, series):
    for header, index in zip(_headers(series[0]), range(99), strict=False):
        row, column = np.array(header.ImageOrientationPatient).reshape(2, 3)
        along = float(np.dot(np.cross(row, column), header.ImagePositionPatient))
        expected = patient.geometry.matrix[2, 3] + index * patient.geometry.spacing_zyx_mm[0]
        assert along == pytest.approx(expected, abs=1e-3)
        assert header.PatientPosition == "FFP"


def test_only_post_contrast_series_name_a_contrast_agent(series):
    for phase, path in enumerate(series):
        for header in _headers(path):
            assert ("ContrastBolusAgent" in header) == (phase > 0)


def test_times_rise_from_phase_to_phase_as_the_phantom_says(patient, series):
    seconds = []
    for path in series:
        header = _headers(path)[0]
        clock = pydicom.valuerep.TM(header.AcquisitionTime)
        content = pydicom.valuerep.TM(header.ContentTime)
        assert content > clock
        seconds.append(clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6)
    assert np.diff(seconds, prepend=seconds[0]).cumsum() == pytest.approx(patient.phase_times_s, abs=1e-3)
    assert all(later > earlier for earlier, later in pairwise(seconds))


def test_phases_are_series_of_one_study_in_one_frame_of_reference(series):
    headers = [_headers(path) for path in series]
    every = [header for path in headers for header in path]
    assert len({header.StudyInstanceUID for header in every}) == 1
    assert len({header.FrameOfReferenceUID for header in every}) == 1
    assert len({header.SeriesInstanceUID for header in every}) == len(series)
    assert len({header.SOPInstanceUID for header in every}) == len(every)
    assert [path[0].SeriesDescription for path in headers] == [
        "ax dyn pre",
        "ax dyn 1st pass",
        "ax dyn 2nd pass",
        "ax dyn 3rd pass",
    ]


def test_no_two_patients_and_no_two_sizes_share_a_uid(cohort):
    small = [_uid(phantom, "study", 4) for phantom in cohort]
    assert len(set(small)) == len(small)
    full = [_uid(dataclasses.replace(phantom, size=Size.FULL), "study", 4) for phantom in cohort]
    assert not set(small) & set(full)
    assert all(uid.is_valid for uid in small)


def test_written_uids_depend_on_the_seed_alone(patient, series, tmp_path):
    write_dicom(make_phantom(seed=patient.seed), tmp_path)
    again = [header.SOPInstanceUID for path in sorted(tmp_path.iterdir()) for header in _headers(path)]
    assert again == [header.SOPInstanceUID for path in series for header in _headers(path)]


def test_nobody_is_real(cohort, series):
    for phantom in cohort:
        assert phantom.identity.name.startswith("Phantom^")
        assert phantom.identity.patient_id == f"PHANTOM-{phantom.seed:06d}"
        born, seen = phantom.identity.birth_date, phantom.identity.study_at.date()
        birthday_passed = (seen.month, seen.day) >= (born.month, born.day)
        assert phantom.identity.age_years == seen.year - born.year - (not birthday_passed)
    header = _headers(series[0])[0]
    assert header.PatientName.family_name == "Phantom"
    assert header.PatientSex == "F"
    assert "not a real person" in header.PatientComments
