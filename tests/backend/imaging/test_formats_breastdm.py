"""Cases as of BreastDM (Zhao et al. 2023): arrays (rows, columns, slices), 0 to 255, padded with blank slices."""

import numpy as np
import pytest

from backend.imaging.reading.faults import StudyRefused
from tests.backend.imaging.image_files import KEY, build, find, mask_arrays, stored

ROWS, COLUMNS, SLICES = 20, 18, 8
LESION = (slice(7, 10), slice(3, 5), slice(4, 6))


def picture(seed):
    values = np.random.default_rng(seed).integers(1, 255, (ROWS, COLUMNS, SLICES)).astype(np.float64)
    values[:, :, :2] = values[:, :, 7:] = 0  # two blank slices before, one behind
    return values


def label(value=255.0):
    values = np.zeros((ROWS, COLUMNS, SLICES))
    values[LESION] = value
    return values


def case(folder, *, labels=None, patient="BreaDM-Ma-1802", split="train", dtype=np.float64, **changed):
    arrays = {"VIBRANT": picture(1), "VIBRANT+C2": picture(2), "SUB2": picture(3), **changed}
    for kind, named in (("images", arrays), ("labels", labels or dict.fromkeys(arrays, label()))):
        place = folder / "seg3D" / split / kind / patient
        place.mkdir(parents=True)
        for name, array in named.items():
            np.save(place / f"{name}.npy", array.astype(dtype))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8, np.int16])
def test_a_case_comes_in_without_its_blank_slices_and_with_its_lesion(tmp_path, dtype):
    case(tmp_path / "in", dtype=dtype)
    study = build(tmp_path / "in", tmp_path / "out")
    (volume,) = study.volumes
    assert volume.geometry.shape_zyx == (5, ROWS, COLUMNS)
    assert [(phase.label, phase.reason) for phase in volume.phases] == [
        ("pre-contrast", 'named "VIBRANT"'),
        ("post-contrast 2", 'named "VIBRANT+C2"'),
    ]
    for phase, seed in zip(volume.phases, (1, 2), strict=True):
        expected = picture(seed)[:, :, 2:7].transpose(2, 0, 1)
        assert np.array_equal(stored(tmp_path / "out", phase, volume.geometry.shape_zyx), expected)
    (mask,) = study.masks
    assert [(s.number, s.name, s.voxels) for s in mask.segments] == [(255, "lesion", 12)]
    expected = label()[:, :, 2:7].transpose(2, 0, 1) == 255
    assert np.array_equal(mask_arrays(tmp_path / "out", mask, volume.geometry.shape_zyx)[255], expected)
    assert study.identity.patient_id == "BreaDM-Ma-1802"
    assert find(tmp_path / "in").cases[0].summary(0, KEY).kind == "npy"


def test_the_report_says_what_was_assumed_and_what_was_removed(tmp_path):
    case(tmp_path / "in")
    messages = [warning.message for warning in build(tmp_path / "in", tmp_path / "out").warnings]
    assert any(m.startswith("holds no geometry in its files: voxels were taken as 1 × 1 × 1 mm") for m in messages)
    removed = (
        "had 3 of 8 slices blank at its ends (2 first, 1 last): they were removed from images and label maps alike"
    )
    assert removed in messages


def test_what_is_left_stays_where_it_was(tmp_path):
    """Of a grid of 1 mm the first kept slice is the third."""
    case(tmp_path / "in")
    (volume,) = build(tmp_path / "in", tmp_path / "out").volumes
    assert volume.geometry.position_lps((0, 0, 0)).tolist() == [0, 0, 2]
    assert volume.geometry.spacing_zyx_mm == (1, 1, 1)


def test_the_subtraction_is_listed_and_not_drawn_on(tmp_path):
    case(tmp_path / "in")
    study = build(tmp_path / "in", tmp_path / "out")
    reasons = {series.description: series.not_drawn_on for series in study.series}
    assert reasons["subtraction 2 (npy)"].startswith("computed from other images")
    assert reasons["vibrant (npy)"] == ""


def test_a_subtraction_alone_is_a_volume(tmp_path):
    (tmp_path / "in" / "P1").mkdir(parents=True)
    np.save(tmp_path / "in" / "P1" / "SUB2.npy", picture(4))
    (volume,) = build(tmp_path / "in", tmp_path / "out").volumes
    assert not volume.is_dce


def test_a_slice_that_is_blank_in_one_phase_alone_stays_in_all(tmp_path):
    half = picture(2)
    half[:, :, 2] = 0
    case(tmp_path / "in", **{"VIBRANT+C2": half})
    (volume,) = build(tmp_path / "in", tmp_path / "out").volumes
    assert volume.geometry.shape_zyx[0] == 5


def test_a_blank_slice_with_a_label_on_it_stays(tmp_path):
    drawn = label()
    drawn[5, 5, 1] = 255
    case(tmp_path / "in", labels={"VIBRANT": drawn})
    study = build(tmp_path / "in", tmp_path / "out")
    assert study.volumes[0].geometry.shape_zyx[0] == 6
    assert study.masks[0].segments[0].voxels == 13


def test_a_blank_slice_between_others_stays_and_is_pointed_out(tmp_path):
    arrays = {name: picture(n) for n, name in enumerate(("VIBRANT", "VIBRANT+C2", "SUB2"))}
    for array in arrays.values():
        array[:, :, 3] = 0
    case(tmp_path / "in", **arrays)
    study = build(tmp_path / "in", tmp_path / "out")
    assert study.volumes[0].geometry.shape_zyx[0] == 5
    assert any("has 1 blank slices between others" in warning.message for warning in study.warnings)


def test_a_case_of_nothing_but_zeros_is_refused(tmp_path):
    (tmp_path / "in" / "P1").mkdir(parents=True)
    np.save(tmp_path / "in" / "P1" / "VIBRANT.npy", np.zeros((ROWS, COLUMNS, SLICES)))
    with pytest.raises(StudyRefused) as refused:
        build(tmp_path / "in", tmp_path / "out")
    assert any("is blank" in fault.message for fault in refused.value.faults)


def test_label_maps_that_differ_become_masks_of_their_own(tmp_path):
    other = label()
    other[0, 0, 4] = 255
    case(tmp_path / "in", labels={"VIBRANT": label(), "VIBRANT+C2": other, "SUB2": label()})
    study = build(tmp_path / "in", tmp_path / "out")
    assert sorted(mask.segments[0].voxels for mask in study.masks) == [12, 13]


def test_a_label_map_of_grey_values_is_not_guessed(tmp_path):
    case(tmp_path / "in", labels={"VIBRANT": label(127.5)})
    study = build(tmp_path / "in", tmp_path / "out")
    assert study.masks == ()
    assert any("not whole numbers" in warning.message for warning in study.warnings)


def test_an_array_stored_by_columns_is_read_the_same(tmp_path):
    for folder, order in (("c", "C"), ("f", "F")):
        place = tmp_path / folder / "P1"
        place.mkdir(parents=True)
        for seed, name in enumerate(("VIBRANT", "VIBRANT+C2")):
            np.save(place / f"{name}.npy", np.asarray(picture(seed), order=order))
    one, other = (build(tmp_path / folder, tmp_path / "out").volumes[0] for folder in "cf")
    assert [phase.chunks for phase in one.phases] == [phase.chunks for phase in other.phases]


def test_images_and_label_side_by_side_are_a_case_too(tmp_path):
    place = tmp_path / "in" / "P1"
    place.mkdir(parents=True)
    for name, array in {"VIBRANT": picture(1), "VIBRANT+C2": picture(2), "label": label()}.items():
        np.save(place / f"{name}.npy", array)
    study = build(tmp_path / "in", tmp_path / "out")
    assert len(study.volumes[0].phases) == 2
    assert study.masks[0].segments[0].name == "lesion"
