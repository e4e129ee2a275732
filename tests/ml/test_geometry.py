"""Grids of volumes, against SimpleITK."""

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st

from ml.geometry import Geometry

finite = st.floats(-400.0, 400.0)
sizes = st.tuples(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60))


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    turn = sitk.Euler3DTransform()
    turn.SetRotation(yaw, pitch, roll)
    return np.asarray(turn.GetMatrix()).reshape(3, 3)


@st.composite
def geometries(draw):
    shape = draw(sizes)
    z_mm, y_mm, x_mm = (draw(st.floats(0.3, 6.0)) for _ in range(3))
    turned = rotation(*(draw(st.floats(-3.0, 3.0)) for _ in range(3)))
    return Geometry.from_axes(
        shape_zyx=shape,
        origin_lps=(draw(finite), draw(finite), draw(finite)),
        z_axis_lps=turned[:, 2] * z_mm,
        y_axis_lps=turned[:, 1] * y_mm,
        x_axis_lps=turned[:, 0] * x_mm,
    )


def as_image(geometry: Geometry) -> sitk.Image:
    z, y, x = geometry.shape_zyx
    image = sitk.Image((x, y, z), sitk.sitkUInt8)
    image.SetSpacing(geometry.spacing_zyx_mm[::-1])
    image.SetOrigin([float(v) for v in geometry.matrix[:3, 3]])
    image.SetDirection([float(v) for v in geometry.direction_zyx[:, ::-1].reshape(-1)])
    return image


@given(geometries(), st.tuples(st.floats(-5, 60), st.floats(-5, 60), st.floats(-5, 60)))
def test_a_position_is_where_simpleitk_puts_it(geometry, index_zyx):
    expected = as_image(geometry).TransformContinuousIndexToPhysicalPoint(index_zyx[::-1])
    assert np.allclose(geometry.position_lps(index_zyx), expected, atol=1e-6)


@given(geometries())
def test_json_gives_the_geometry_back(geometry):
    assert Geometry.from_json(geometry.to_json()) == geometry


@given(geometries())
def test_the_voxel_volume_is_the_product_of_the_spacings_of_a_right_angled_grid(geometry):
    assert geometry.voxel_volume_mm3 == pytest.approx(np.prod(geometry.spacing_zyx_mm))


@given(geometries())
def test_directions_are_unit_vectors_at_right_angles(geometry):
    direction = geometry.direction_zyx
    assert np.allclose(direction.T @ direction, np.eye(3), atol=1e-9)


@given(geometries(), st.floats(0.02, 50.0))
def test_a_shifted_grid_is_another_grid(geometry, shift_mm):
    z, y, x = (geometry.matrix[:3, column] for column in range(3))
    origin = geometry.matrix[:3, 3] + np.array([shift_mm, 0.0, 0.0])
    moved = Geometry.from_axes(
        shape_zyx=geometry.shape_zyx, origin_lps=tuple(origin), z_axis_lps=z, y_axis_lps=y, x_axis_lps=x
    )
    assert geometry.same_grid(geometry)
    assert not geometry.same_grid(moved)
    assert geometry.same_grid(moved, tolerance_mm=shift_mm + 0.01)


def test_a_grid_that_grows_at_its_far_end_is_another_grid():
    near = Geometry(shape_zyx=(50, 4, 4), affine=tuple(map(tuple, np.eye(4))))
    stretched = np.diag([1.001, 1.0, 1.0, 1.0])
    assert not near.same_grid(Geometry(shape_zyx=(50, 4, 4), affine=tuple(map(tuple, stretched))))


def test_grids_of_different_shape_differ():
    eye = tuple(map(tuple, np.eye(4)))
    assert not Geometry((2, 3, 4), eye).same_grid(Geometry((2, 3, 5), eye))


@pytest.mark.parametrize(
    ("shape", "matrix", "complaint"),
    [
        ((0, 2, 2), np.eye(4), "three sizes of at least 1"),
        ((2, 2), np.eye(4), "three sizes of at least 1"),
        ((2, 2, 2), np.eye(3), "affine needs"),
        ((2, 2, 2), np.full((4, 4), np.nan), "finite"),
        ((2, 2, 2), np.diag([1.0, 1.0, 0.0, 1.0]), "singular"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(shape, matrix, complaint):
    with pytest.raises(ValueError, match=complaint):
        Geometry(shape_zyx=shape, affine=tuple(map(tuple, matrix)))
