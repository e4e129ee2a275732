"""NIfTI in and out, against nibabel and SimpleITK."""

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from ml.geometry import Geometry
from ml.volumes import read_geometry, read_nifti, write_nifti

RAS_OF_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture
def oblique() -> Geometry:
    turn = sitk.Euler3DTransform()
    turn.SetRotation(0.2, -0.1, 0.3)
    axes = np.asarray(turn.GetMatrix()).reshape(3, 3)
    return Geometry.from_axes(
        shape_zyx=(4, 5, 6),
        origin_lps=(-31.5, 12.25, 88.0),
        z_axis_lps=axes[:, 2] * 2.5,
        y_axis_lps=axes[:, 1] * 0.8,
        x_axis_lps=axes[:, 0] * 0.7,
    )


@pytest.fixture
def array(oblique) -> np.ndarray:
    return np.arange(120, dtype=np.int16).reshape(oblique.shape_zyx) - 40


def test_a_volume_comes_back(tmp_path, array, oblique):
    write_nifti(tmp_path / "volume.nii.gz", array, oblique)
    back, geometry = read_nifti(tmp_path / "volume.nii.gz")
    assert back.dtype == np.int16
    assert np.array_equal(back, array)
    assert geometry.same_grid(oblique, tolerance_mm=1e-3)


def test_nibabel_finds_every_voxel_at_the_same_place(tmp_path, array, oblique):
    write_nifti(tmp_path / "volume.nii.gz", array, oblique)
    image = nibabel.load(tmp_path / "volume.nii.gz")
    assert np.array_equal(np.asarray(image.dataobj), array.transpose(2, 1, 0))
    for z, y, x in [(0, 0, 0), (3, 0, 0), (0, 4, 0), (0, 0, 5), (3, 4, 5)]:
        lps = (RAS_OF_LPS @ image.affine @ [x, y, z, 1.0])[:3]
        assert np.allclose(lps, oblique.position_lps((z, y, x)), atol=1e-3)


def test_simpleitk_finds_every_voxel_at_the_same_place(tmp_path, array, oblique):
    write_nifti(tmp_path / "volume.nii.gz", array, oblique)
    image = sitk.ReadImage(str(tmp_path / "volume.nii.gz"))
    assert image[5, 4, 3] == array[3, 4, 5]
    assert np.allclose(image.TransformIndexToPhysicalPoint((5, 4, 3)), oblique.position_lps((3, 4, 5)), atol=1e-3)


def test_a_file_written_by_nibabel_is_read_where_it_lies(tmp_path):
    affine = np.array([[-0.7, 0, 0, 20], [0, -0.8, 0, 30], [0, 0, 2.0, -5], [0, 0, 0, 1]])
    nibabel.save(nibabel.Nifti1Image(np.zeros((6, 5, 4), np.uint8), affine), tmp_path / "volume.nii")
    geometry = read_geometry(tmp_path / "volume.nii")
    assert geometry.shape_zyx == (4, 5, 6)
    assert np.allclose(geometry.position_lps((0, 0, 0)), (-20, -30, -5))
    assert np.allclose(geometry.spacing_zyx_mm, (2.0, 0.8, 0.7))


def test_the_header_alone_gives_the_same_geometry(tmp_path, array, oblique):
    write_nifti(tmp_path / "volume.nii.gz", array, oblique)
    assert read_geometry(tmp_path / "volume.nii.gz") == read_nifti(tmp_path / "volume.nii.gz")[1]


def test_an_array_of_another_shape_is_refused(tmp_path, array, oblique):
    with pytest.raises(ValueError, match="does not fit the geometry"):
        write_nifti(tmp_path / "volume.nii.gz", array[1:], oblique)
    assert not list(tmp_path.iterdir())


def test_a_flat_image_is_refused(tmp_path):
    sitk.WriteImage(sitk.Image((4, 4), sitk.sitkUInt8), str(tmp_path / "flat.nii"))
    with pytest.raises(ValueError, match="2 dimensions"):
        read_nifti(tmp_path / "flat.nii")


@pytest.mark.parametrize("content", [b"", b"not an image"])
def test_a_file_that_is_no_image_is_refused_by_name(tmp_path, content):
    (tmp_path / "broken.nii.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.nii\.gz"):
        read_nifti(tmp_path / "broken.nii.gz")


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_a_compressed_file_that_is_cut_is_refused_and_not_filled_with_zeros(tmp_path, kept):
    path = tmp_path / "volume.nii.gz"
    noise = np.random.default_rng(0).integers(0, 999, (6, 40, 40), dtype=np.int16)
    write_nifti(path, noise, Geometry((6, 40, 40), tuple(map(tuple, np.eye(4)))))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(ValueError, match="cut short or damaged"):
        read_nifti(path)


@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_plain_file_that_is_cut_is_refused(tmp_path, kept):
    path = tmp_path / "volume.nii"
    write_nifti(path, np.ones((6, 40, 40), np.int16), Geometry((6, 40, 40), tuple(map(tuple, np.eye(4)))))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(ValueError, match="is cut short: it holds"):
        read_nifti(path)
