"""Slices become a stack whose geometry SimpleITK agrees with, or a sentence says why not."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.headers import read_header
from backend.imaging.dicom.pixels import read_pixels
from backend.imaging.dicom.stacks import build_stack
from tests.backend.imaging.dicom_files import AXIAL, CORONAL, OBLIQUE, SAGITTAL, ramp


def stack_of(paths):
    return build_stack([read_header(path) for path in paths])


def by_simpleitk(folder) -> sitk.Image:
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def assert_same_grid(stack, image: sitk.Image) -> None:
    """Every corner lies at the same place, and each voxel there has the same value."""
    z, y, x = stack.geometry.shape_zyx
    assert image.GetSize() == (x, y, z)
    corners = [(k, j, i) for k in (0, z - 1) for j in (0, y - 1) for i in (0, x - 1)]
    for k, j, i in corners:
        theirs = image.TransformIndexToPhysicalPoint((i, j, k))
        np.testing.assert_allclose(stack.geometry.position_lps((k, j, i)), theirs, atol=1e-3)
    np.testing.assert_array_equal(read_pixels(stack).stored, sitk.GetArrayFromImage(image))


@pytest.mark.parametrize(
    "orientation", [AXIAL, SAGITTAL, CORONAL, OBLIQUE], ids=["axial", "sagittal", "coronal", "oblique"]
)
@pytest.mark.parametrize("step_mm", [1.1, 3.0])
def test_the_grid_is_the_one_simpleitk_reads(study, orientation, step_mm):
    paths = study.add(ramp((5, 7, 6)), orientation=orientation, step_mm=step_mm)
    assert_same_grid(stack_of(paths), by_simpleitk(paths[0].parent))


@pytest.mark.parametrize(
    "orientation", [AXIAL, SAGITTAL, CORONAL, OBLIQUE], ids=["axial", "sagittal", "coronal", "oblique"]
)
def test_voxels_lie_where_nibabel_finds_them_in_a_nifti_of_the_same_slices(study, tmp_path, orientation):
    paths = study.add(ramp((5, 7, 6)), orientation=orientation)
    stack = stack_of(paths)
    sitk.WriteImage(by_simpleitk(paths[0].parent), str(tmp_path / "same.nii"))
    theirs = nibabel.load(tmp_path / "same.nii")
    values = read_pixels(stack).stored
    for index in np.ndindex(values.shape):
        place_ras = stack.geometry.position_lps(index) * (-1, -1, 1)
        voxel = nibabel.affines.apply_affine(np.linalg.inv(theirs.affine), place_ras)
        nearest = tuple(np.rint(voxel).astype(int))
        np.testing.assert_allclose(nibabel.affines.apply_affine(theirs.affine, nearest), place_ras, atol=1e-3)
        assert theirs.dataobj[nearest] == values[index]


def test_slices_are_sorted_along_the_normal_whatever_their_numbers(study):
    pixels = ramp((5, 4, 3))
    paths = study.add(pixels, edit=lambda header, n: setattr(header, "InstanceNumber", (n * 3) % 5))
    stack = stack_of([paths[i] for i in (3, 0, 4, 1, 2)])
    np.testing.assert_array_equal(read_pixels(stack).stored, pixels)
    normal = np.cross(stack.geometry.direction_zyx[:, 2], stack.geometry.direction_zyx[:, 1])
    np.testing.assert_allclose(stack.geometry.direction_zyx[:, 0], normal, atol=1e-9)


def refusal(paths) -> str:
    with pytest.raises(Defect) as refused:
        stack_of(paths)
    assert refused.value.action
    return refused.value.message


def test_missing_slices_are_counted_and_located(study):
    paths = study.add(ramp((12, 4, 4)))
    kept = [path for n, path in enumerate(paths) if n not in {3, 7, 8}]
    assert refusal(kept) == "is incomplete: 3 slices are missing (1 after slice 3, 2 after slice 6 of the 9 that came)"


def test_uneven_spacing_says_where(study):
    def push(header, n):
        if n >= 4:
            header.ImagePositionPatient[2] += 0.9

    message = refusal(study.add(ramp((8, 4, 4)), edit=push))
    assert message == "is unevenly spaced: 1 of 7 gaps differ from 2.00 mm: 2.90 mm after slice 4"


def test_rounded_positions_are_even_enough(study):
    def rounded(header, n):
        header.ImagePositionPatient[2] = round(float(header.ImagePositionPatient[2]), 2)

    stack = stack_of(study.add(ramp((9, 4, 4)), step_mm=1.133, edit=rounded))
    assert stack.geometry.spacing_zyx_mm[0] == pytest.approx(1.133, abs=0.0013)


def test_repeated_positions_are_refused(study):
    paths = study.add(ramp((4, 4, 4))) + study.add(ramp((4, 4, 4)))
    assert refusal(paths) == "has 4 slices at the place of another (first at slice 1 of 8)"


def test_mixed_sizes_are_refused(study):
    paths = study.add(ramp((4, 4, 4))) + study.add(ramp((2, 4, 5)), origin=(-20, -30, 13))
    assert refusal(paths) == "has images of 2 sizes: 4 of 4×4, 2 of 4×5 (rows×columns)"


def test_mixed_orientations_are_refused(study):
    paths = study.add(ramp((4, 4, 4))) + study.add(ramp((2, 4, 4)), orientation=SAGITTAL)
    assert refusal(paths) == "has mixed orientations: 2 of 6 images lie in another plane"


def test_mixed_spacings_are_refused(study):
    paths = study.add(ramp((4, 4, 4))) + study.add(ramp((2, 4, 4)), origin=(-20, -30, 13), spacing_yx=(0.8, 0.75))
    assert refusal(paths) == "has mixed pixel spacings: 2 of 6 images differ"


def test_a_slice_beside_the_others_is_refused(study):
    def aside(header, n):
        if n == 2:
            header.ImagePositionPatient[0] += 3

    assert refusal(study.add(ramp((6, 4, 4)), edit=aside)) == "is not straight: slice 3 lies 3.00 mm beside the others"


def test_a_sheared_stack_keeps_its_shear(study):
    """A tilted gantry moves each slice sideways: the affine says so, and no slice is resampled."""

    def tilt(header, n):
        header.ImagePositionPatient[1] = float(header.ImagePositionPatient[1]) + 0.5 * n

    stack = stack_of(study.add(ramp((5, 4, 4)), edit=tilt))
    np.testing.assert_allclose(stack.geometry.matrix[:3, 0], [0, 0.5, 2.0], atol=1e-9)
