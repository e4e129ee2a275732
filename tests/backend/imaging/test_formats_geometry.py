"""Where voxels lie in files that are no DICOM, against nibabel and SimpleITK."""

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.imaging.formats.nifti import read_layout
from ml.volumes import write_nifti
from tests.backend.imaging.image_files import (
    ORIENTATIONS,
    affine_ras,
    furthest_mm,
    metadata,
    nifti,
    numbered,
    ours,
    places_nibabel,
    places_ours,
    places_simpleitk,
    turn,
)

TOLERANCE_MM = 1e-3
ROTATIONS = {"straight": np.eye(3), "oblique": turn(0.4, -0.3, 0.7)}


def is_sorted_along_normal(geometry):
    z, y, x = geometry.direction_zyx.T
    return float(np.cross(x, y) @ z) > 0.999


def runs_as_on_film(geometry):
    """Rows to the left or back of the patient, columns to the back, feet or left: no picture stands on its head."""
    for axis in geometry.direction_zyx.T[1:]:
        main = int(np.argmax(np.abs(axis)))
        if (axis[main] > 0) == (main == 2):
            return False
    return True


@pytest.mark.parametrize("rotation", ROTATIONS.values(), ids=ROTATIONS)
@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=lambda o: "".join("RASLPI"[n + 3 * (s < 0)] for n, s in o))
@pytest.mark.parametrize("name", ["image.nii", "image.nii.gz"])
def test_every_voxel_of_a_nifti_file_lies_where_nibabel_and_simpleitk_say(tmp_path, name, orientation, rotation):
    image = nibabel.Nifti1Image(numbered((6, 5, 4)), affine_ras(rotation)).as_reoriented(orientation)
    path = nifti(tmp_path / name, np.asarray(image.dataobj), image.affine)
    geometry, (array,) = ours(path)
    places = places_ours(geometry, array)
    assert furthest_mm(places, places_nibabel(path)) < TOLERANCE_MM
    assert furthest_mm(places, places_simpleitk(path)) < TOLERANCE_MM
    assert sorted(geometry.spacing_zyx_mm) == pytest.approx([0.7, 0.8, 2.5], abs=1e-5)
    assert is_sorted_along_normal(geometry)
    assert runs_as_on_film(geometry)


@pytest.mark.parametrize("rotation", ROTATIONS.values(), ids=ROTATIONS)
@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=lambda o: "".join("RASLPI"[n + 3 * (s < 0)] for n, s in o))
@pytest.mark.parametrize(("name", "pack"), [("image.nrrd", False), ("image.nrrd", True), ("image.mha", True)])
def test_every_voxel_of_nrrd_and_mha_lies_where_simpleitk_says(tmp_path, name, pack, orientation, rotation):
    image = sitk.ReadImage(str(metadata(tmp_path / "first.mha", rotation=rotation)))
    image = sitk.PermuteAxes(image, orientation[:, 0].tolist())
    image = sitk.Flip(image, (orientation[:, 1] < 0).tolist(), False)
    path = tmp_path / name
    sitk.WriteImage(image, str(path), pack)
    geometry, (array,) = ours(path)
    assert furthest_mm(places_ours(geometry, array), places_simpleitk(path)) < TOLERANCE_MM
    assert is_sorted_along_normal(geometry)
    assert runs_as_on_film(geometry)


@pytest.mark.parametrize("space", ["left-posterior-superior", "right-anterior-superior", "LAS", "ras"])
def test_each_anatomical_space_of_nrrd_is_turned_as_simpleitk_turns_it(tmp_path, space):
    path = metadata(tmp_path / "image.nrrd", rotation=turn(0.1, 0.2, -0.3))
    path.write_bytes(path.read_bytes().replace(b"space: left-posterior-superior", f"space: {space}".encode()))
    geometry, (array,) = ours(path)
    assert furthest_mm(places_ours(geometry, array), places_simpleitk(path)) < TOLERANCE_MM


@pytest.mark.parametrize("form", ["sform", "qform"])
def test_either_form_of_nifti_is_enough(tmp_path, form):
    path = nifti(tmp_path / "image.nii", affine=affine_ras(turn(0.2, 0.1, 3.0)), **{f"{form}_code": 0})
    geometry, (array,) = ours(path)
    assert furthest_mm(places_ours(geometry, array), places_nibabel(path)) < TOLERANCE_MM
    assert read_layout(path).placed_by == {"sform": "qform", "qform": "sform"}[form]


def test_nifti_2_and_big_endian_files_are_read(tmp_path):
    second = tmp_path / "second.nii"
    nibabel.save(nibabel.Nifti2Image(numbered((6, 5, 4)), affine_ras()), second)
    big = nibabel.Nifti1Image(numbered((6, 5, 4), ">i2"), affine_ras(), nibabel.Nifti1Header(endianness=">"))
    nibabel.save(big, tmp_path / "big.nii")
    for path in (second, tmp_path / "big.nii"):
        geometry, (array,) = ours(path)
        assert furthest_mm(places_ours(geometry, array), places_nibabel(path)) < TOLERANCE_MM


@pytest.mark.parametrize(("units", "scale"), [("mm", 1), ("meter", 1000), ("micron", 0.001), ("unknown", 1)])
def test_units_of_space_become_millimetres(tmp_path, units, scale):
    affine = affine_ras(spacing=np.array([0.7, 0.8, 2.5]) / scale, origin=np.array([1.0, 2, 3]) / scale)
    geometry, _ = ours(nifti(tmp_path / "image.nii", affine=affine, units=units))
    assert geometry.spacing_zyx_mm == pytest.approx((2.5, 0.8, 0.7), rel=1e-5)


def test_nrrd_units_become_millimetres(tmp_path):
    path = metadata(tmp_path / "image.nrrd", spacing=(0.07, 0.08, 0.25))
    path.write_bytes(path.read_bytes().replace(b"kinds:", b'space units: "cm" "cm" "cm"\nkinds:'))
    assert ours(path)[0].spacing_zyx_mm == pytest.approx((2.5, 0.8, 0.7))


@pytest.mark.parametrize("name", ["image.nii.gz", "image.nrrd", "image.mha"])
def test_a_volume_goes_round_by_way_of_a_nifti_file(tmp_path, name):
    """File → platform → NIfTI: no voxel moves by 1e-3 mm or changes sides."""
    rotation = turn(0.4, -0.3, 2.7)
    path = tmp_path / name
    _ = nifti(path, affine=affine_ras(rotation)) if ".nii" in name else metadata(path, rotation=rotation)
    geometry, (array,) = ours(path)
    write_nifti(tmp_path / "back.nii.gz", np.ascontiguousarray(array), geometry)
    assert furthest_mm(places_simpleitk(tmp_path / "back.nii.gz"), places_simpleitk(path)) < TOLERANCE_MM
    again, (back,) = ours(tmp_path / "back.nii.gz")
    assert again.same_grid(geometry, tolerance_mm=TOLERANCE_MM)
    assert np.array_equal(back, array)


angles = st.floats(-3.1, 3.1)
edges = st.floats(0.2, 6)


@settings(deadline=None, max_examples=150)
@given(
    st.tuples(angles, angles, angles),
    st.tuples(edges, edges, edges),
    st.tuples(*[st.floats(-900, 900)] * 3),
    st.booleans(),
)
def test_any_grid_of_nifti_is_read_as_nibabel_reads_it(tmp_path_factory, turns, spacing, origin, mirrored):
    affine = affine_ras(turn(*turns) @ np.diag([-1 if mirrored else 1, 1, 1]), spacing, origin)
    path = nifti(tmp_path_factory.mktemp("grid") / "image.nii", numbered((3, 4, 5)), affine)
    geometry, (array,) = ours(path)
    assert furthest_mm(places_ours(geometry, array), places_nibabel(path)) < TOLERANCE_MM
    assert is_sorted_along_normal(geometry)


@settings(deadline=None, max_examples=60)
@given(st.tuples(angles, angles, angles), st.tuples(edges, edges, edges))
def test_any_grid_of_mha_is_read_as_simpleitk_reads_it(tmp_path_factory, turns, spacing):
    path = metadata(tmp_path_factory.mktemp("grid") / "image.mha", rotation=turn(*turns), spacing=spacing)
    geometry, (array,) = ours(path)
    assert furthest_mm(places_ours(geometry, array), places_simpleitk(path)) < TOLERANCE_MM
