"""Enhanced MR: frames of one file become the volumes and phases that single files would, and others agree on where."""

from __future__ import annotations

import importlib

import highdicom
import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from pydicom import dcmread
from pydicom.dataset import Dataset

from backend.imaging.dicom.grouping import group
from backend.imaging.dicom.pixels import read_pixels
from backend.imaging.dicom.plan import StudyPlan, plan_study
from backend.imaging.dicom.scan import scan
from backend.imaging.sources import list_files
from tests.backend.imaging.dicom_files import AXIAL, CORONAL, OBLIQUE, SAGITTAL, ramp
from tests.backend.imaging.enhanced_files import write_enhanced

SHAPE = (4, 8, 6)
PLANES = pytest.mark.parametrize(
    "orientation", [AXIAL, SAGITTAL, CORONAL, OBLIQUE], ids=["axial", "sagittal", "coronal", "oblique"]
)


def plan_of(folder) -> StudyPlan:
    (files,) = group(scan(list_files(folder)[0]).headers)
    return plan_study(files, max_voxels=10**6)


def only_volume(folder):
    plan = plan_of(folder)
    assert plan.faults == ()
    assert plan.not_drawn_on == {}
    (volume,) = plan.volumes
    return volume


def scanner_values(phase):
    pixels = read_pixels(phase.source.stack)
    return pixels.stored.astype(np.float64) * pixels.slope + pixels.intercept


def phases_of(count: int) -> np.ndarray:
    return np.stack([ramp(SHAPE, start=1000 * n) for n in range(count)])


@PLANES
def test_one_phase_lies_where_simpleitk_puts_it(tmp_path, orientation):
    pixels = phases_of(1)
    path = write_enhanced(tmp_path / "one", pixels, orientation=orientation)
    volume = only_volume(tmp_path)
    image = sitk.ReadImage(str(path))
    z, y, x = volume.geometry.shape_zyx
    assert image.GetSize() == (x, y, z)
    for k, j, i in [(k, j, i) for k in (0, z - 1) for j in (0, y - 1) for i in (0, x - 1)]:
        theirs = image.TransformIndexToPhysicalPoint((i, j, k))
        np.testing.assert_allclose(volume.geometry.position_lps((k, j, i)), theirs, atol=1e-3)
    np.testing.assert_array_equal(scanner_values(volume.phases[0]), sitk.GetArrayFromImage(image))


@pytest.mark.filterwarnings("ignore:The DICOM readers")  # nibabel calls its own reader experimental
@PLANES
def test_many_phases_lie_where_nibabel_puts_them(tmp_path, orientation):
    path = write_enhanced(tmp_path / "many", phases_of(3), orientation=orientation, by_time=True)
    volume = only_volume(tmp_path)
    theirs = importlib.import_module("nibabel.nicom.dicomwrappers").wrapper_from_file(path)
    values = np.asarray(theirs.get_data())
    assert values.shape == (*SHAPE[1:], SHAPE[0], 3)
    ours = [scanner_values(phase) for phase in volume.phases]
    for index in np.ndindex(SHAPE):  # nibabel may count slices the other way: the place in the patient decides
        place = volume.geometry.position_lps(index)
        voxel = nibabel.affines.apply_affine(np.linalg.inv(theirs.affine), place)
        nearest = tuple(np.rint(voxel).astype(int))
        np.testing.assert_allclose(nibabel.affines.apply_affine(theirs.affine, nearest), place, atol=1e-3)
        assert [phase[index] for phase in ours] == list(values[nearest])


def test_phases_of_one_file_are_ordered_by_the_time_of_their_frames(tmp_path):
    given = phases_of(3)
    write_enhanced(tmp_path / "dce", given, SeriesDescription="dyn")
    volume = only_volume(tmp_path)
    assert volume.is_dce
    assert [phase.time_s for phase in volume.phases] == [0, 120, 240]
    for phase, pixels in zip(volume.phases, given, strict=True):
        np.testing.assert_array_equal(scanner_values(phase), pixels)
        assert {header.path for header in phase.source.stack.headers} == {tmp_path / "dce"}
    # Frame numbers count from 1 in the file's own order: time points of one slice follow each other in it.
    assert [header.frame for header in volume.phases[1].source.stack.headers] == [2, 5, 8, 11]


def unlike(frame, t: int, _z: int, *, with_offset: bool) -> None:
    del frame.FrameContentSequence[0].FrameAcquisitionDateTime
    if with_offset:
        offset = Dataset()
        offset.TemporalPositionTimeOffset = 75.5 * t
        frame.TemporalPositionSequence = [offset]


@pytest.mark.parametrize(
    ("with_offset", "times", "clock"),
    [(True, [0, 75.5, 151], "temporal position offset"), (False, [None] * 3, "temporal position")],
)
def test_without_times_of_frames_the_temporal_position_orders_them(tmp_path, with_offset, times, clock):
    write_enhanced(
        tmp_path / "dce",
        phases_of(3),
        edit_frame=lambda frame, t, z: unlike(frame, t, z, with_offset=with_offset),
        SeriesDescription="dyn",
    )
    volume = only_volume(tmp_path)
    assert [phase.time_s for phase in volume.phases] == times
    assert all(f"by {clock}" in phase.reason for phase in volume.phases)


def test_a_rescale_for_each_frame_is_what_pydicom_applies(tmp_path):
    def rescale(frame, t, z):
        item = Dataset()
        item.RescaleSlope, item.RescaleIntercept, item.RescaleType = 0.5 + z + 4 * t, -3.0 * z, "US"
        frame.PixelValueTransformationSequence = [item]

    given = phases_of(2)
    path = write_enhanced(tmp_path / "dce", given, edit_frame=rescale, SeriesDescription="dyn")
    raw = dcmread(path)
    for t, phase in enumerate(only_volume(tmp_path).phases):
        for z, header in enumerate(phase.source.stack.headers):
            item = raw.PerFrameFunctionalGroupsSequence[header.frame - 1].PixelValueTransformationSequence[0]
            theirs = raw.pixel_array[header.frame - 1] * float(item.RescaleSlope) + float(item.RescaleIntercept)
            step = read_pixels(phase.source.stack).slope
            np.testing.assert_allclose(scanner_values(phase)[z], theirs, atol=0.5001 * step)
            np.testing.assert_allclose(theirs, given[t, z] * (0.5 + z + 4 * t) - 3.0 * z)


def test_the_agent_of_each_frame_tells_pre_from_post(tmp_path):
    def usage(frame, t, _z):
        item = Dataset()
        item.ContrastBolusAgentNumber, item.ContrastBolusAgentAdministered = 1, "YES" if t > 1 else "NO"
        frame.ContrastBolusUsageSequence = [item]

    write_enhanced(tmp_path / "dce", phases_of(4), edit_frame=usage, SeriesDescription="dyn")
    labels = [phase.label for phase in only_volume(tmp_path).phases]
    assert labels == ["pre-contrast 1", "pre-contrast 2", "post-contrast 1", "post-contrast 2"]


def test_echoes_and_components_of_one_file_become_volumes_of_their_own(tmp_path):
    def echo(frame, t, _z):
        item = Dataset()
        item.EffectiveEchoTime = (2.3, 4.6)[t % 2]
        frame.MREchoSequence = [item]
        frame.MRImageFrameTypeSequence[0].ComplexImageComponent = ("MAGNITUDE", "PHASE")[t // 2]

    write_enhanced(tmp_path / "mixed", phases_of(4), edit_frame=echo)
    kinds = [volume.kind for volume in plan_of(tmp_path).volumes]
    assert len(kinds) == 4
    assert [kind.split(";")[0] for kind in kinds] == ["echo 2.3", "echo 2.3", "echo 4.6", "echo 4.6"]
    assert sum("PHASE" in kind for kind in kinds) == 2


def test_stacks_of_one_file_at_two_places_become_two_volumes(tmp_path):
    """Both breasts in one sagittal file: a stack each, far from each other."""

    def two_stacks(frame, t, z):
        if t == 1:
            position = frame.PlanePositionSequence[0].ImagePositionPatient
            frame.PlanePositionSequence[0].ImagePositionPatient = [float(position[0]) + 150, *position[1:]]
        frame.FrameContentSequence[0].StackID = str(t + 1)

    write_enhanced(tmp_path / "both", phases_of(2), orientation=SAGITTAL, edit_frame=two_stacks)
    volumes = plan_of(tmp_path).volumes
    assert [volume.kind for volume in volumes] == ["stack 1", "stack 2"]
    starts = [volume.geometry.position_lps((0, 0, 0))[0] for volume in volumes]
    assert abs(starts[0] - starts[1]) == pytest.approx(150)


def test_time_points_written_as_stacks_are_phases_all_the_same(tmp_path):
    write_enhanced(
        tmp_path / "dce",
        phases_of(3),
        edit_frame=lambda frame, t, _: setattr(frame.FrameContentSequence[0], "StackID", str(t + 1)),
        SeriesDescription="dyn",
    )
    assert len(only_volume(tmp_path).phases) == 3


def test_a_missing_frame_is_found_like_a_missing_file(tmp_path):
    def drop(file):
        for n in (7, 6):
            del file.PerFrameFunctionalGroupsSequence[n]
        frame = len(file.PixelData) // 8
        file.PixelData = file.PixelData[: 6 * frame]
        file.NumberOfFrames = 6
        kept = [g for n, g in enumerate(file.PerFrameFunctionalGroupsSequence) if n != 2]
        file.PerFrameFunctionalGroupsSequence = kept
        file.PixelData = file.PixelData[: 2 * frame] + file.PixelData[3 * frame :]
        file.NumberOfFrames = 5

    write_enhanced(tmp_path / "one", np.stack([ramp((8, 8, 6))]), edit=drop)
    (fault,) = plan_of(tmp_path).faults
    assert fault.message == "is incomplete: 1 slice is missing (1 after slice 2 of the 5 that came)"


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        (
            "PerFrameFunctionalGroupsSequence",
            "4 frames in files that do not say where each lies in the patient",
        ),
        ("SharedFunctionalGroupsSequence", "its headers do not say where the images lie in the patient"),
    ],
)
def test_frames_without_a_place_are_listed_with_the_reason(tmp_path, lost, reason):
    write_enhanced(tmp_path / "one", phases_of(1), edit=lambda file: delattr(file, lost))
    plan = plan_of(tmp_path)
    assert (plan.volumes, plan.faults, list(plan.not_drawn_on.values())) == ((), (), [reason])


def test_a_file_with_fewer_frames_than_it_says_is_cut_short(tmp_path):
    path = write_enhanced(tmp_path / "one", phases_of(1))
    path.write_bytes(path.read_bytes()[:-2])
    (fault,) = plan_of(tmp_path).faults
    assert fault.message == "has 1 file that is cut short"


@PLANES
def test_a_series_that_highdicom_made_multi_frame_is_the_volume_of_its_files(tmp_path, study, orientation):
    paths = study.add(ramp(SHAPE), orientation=orientation, AccessionNumber="", StudyID="", StudyTime="10")
    sources = [dcmread(path) for path in paths]
    for source in sources:
        source.PatientBirthDate = source.PatientSex = source.ReferringPhysicianName = ""
    converted = highdicom.legacy.LegacyConvertedEnhancedMRImage(
        sources, series_instance_uid="1.2.3.4", series_number=9, sop_instance_uid="1.2.3.5", instance_number=1
    )
    classic = only_volume(study.folder)
    (tmp_path / "multi").mkdir()
    converted.save_as(tmp_path / "multi" / "file")
    volume = only_volume(tmp_path / "multi")
    assert volume.geometry.same_grid(classic.geometry, tolerance_mm=1e-3)
    np.testing.assert_array_equal(scanner_values(volume.phases[0]), scanner_values(classic.phases[0]))
