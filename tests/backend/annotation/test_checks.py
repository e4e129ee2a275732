"""Every rule on shapes whose answer is known, on straight and oblique grids; scipy is the referee for pieces."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.spatial.transform import Rotation

from backend.annotation.checks import Drawing, Severity, check, default_rules, read_rules
from backend.annotation.checks.drawing import MOST_RUNS
from backend.annotation.checks.runs import CORNERS, FACES, Runs, pieces_of
from backend.annotation.labels import DEFAULT_LABELS
from ml.geometry import Geometry

NAMES = {label.value: label.name for label in DEFAULT_LABELS}
GLAND, MUSCLE, LESION, NODE, HEART, LIVER, IMPLANT = 1, 3, 5, 6, 7, 8, 9
SPACING_ZYX_MM = (2.0, 1.0, 1.0)


def grid(shape_zyx, *, spacing_zyx_mm=SPACING_ZYX_MM, turned_deg=0.0, mirrored=False):
    """Axial slices: x to the patient's left, y to the back, z to the head; turned about an oblique axis."""
    turn = Rotation.from_rotvec(np.radians(turned_deg) * np.array([0.48, 0.6, 0.64])).as_matrix()
    axes = turn @ np.array([[0, 0, -1 if mirrored else 1], [0, 1, 0], [1, 0, 0]], float) * np.array(spacing_zyx_mm)
    return Geometry.from_axes(
        shape_zyx=shape_zyx,
        origin_lps=(-12.0, 30.0, 7.0),
        z_axis_lps=axes[:, 0],
        y_axis_lps=axes[:, 1],
        x_axis_lps=axes[:, 2],
    )


def empty(shape_zyx=(12, 40, 40)):
    return np.zeros(shape_zyx, np.uint8)


def rule(name, *labels, severity="warning", figures=None, **others):
    entry = {"rule": name, "severity": severity, "labels": labels, "figures": figures or {}, "others": others}
    return read_rules([entry], values=NAMES)


def found(labels, rules, *, asked=None, turned_deg=0.0, **more):
    geometry = grid(labels.shape, turned_deg=turned_deg, **more)
    return check(Drawing(labels, geometry, NAMES, None if asked is None else frozenset(asked)), rules)


def only(labels, rules, **more):
    (finding,) = found(labels, rules, **more)
    return finding


def oblique(test):
    return pytest.mark.parametrize("turned_deg", [0.0, 25.0], ids=["straight", "oblique"])(test)


@pytest.fixture
def body():
    """Gland in the middle, a slab of muscle behind it."""
    labels = empty()
    labels[2:10, 10:25, 10:30] = GLAND
    labels[:, 30:36, :] = MUSCLE
    return labels


def test_an_empty_drawing_is_an_error_and_nothing_else_is_said():
    (finding,) = found(empty(), default_rules(DEFAULT_LABELS))
    assert (finding.key, finding.severity, finding.places) == ("nothing", Severity.ERROR, ())


def test_a_label_that_every_case_has_is_missed(body):
    findings = found(body, rule("missing", GLAND, HEART))
    assert [(f.key, f.label, f.text) for f in findings] == [("missing:7", HEART, "No heart is drawn.")]


def test_chosen_slices_need_not_have_every_label(body):
    assert found(body, rule("missing", HEART), asked=[4, 5]) == ()


def test_asked_slices_that_carry_nothing_are_named(body):
    body[[4, 7]] = 0
    finding = only(body, rule("undrawn"), asked=[3, 4, 5, 7])
    assert (finding.count, finding.places) == (2, ((4, 20, 20), (7, 20, 20)))
    assert found(body, rule("undrawn")) == ()


@oblique
@pytest.mark.parametrize(("gap_mm", "outside"), [(9, False), (10, False), (11, True)])
def test_a_lesion_is_outside_when_it_is_further_than_allowed_from_gland(body, gap_mm, outside, turned_deg):
    x = 29 + gap_mm  # the gland's last voxel is 29; neighbours are 1 mm apart
    body = np.pad(body, ((0, 0), (0, 0), (0, 20)))
    body[5, 15, x] = LESION
    findings = found(body, rule("outside", LESION, figures={"max_mm": 10}, near=[GLAND]), turned_deg=turned_deg)
    assert [f.places for f in findings] == ([((5, 15, x),)] if outside else [])


def test_the_distance_is_measured_in_millimetres_along_every_axis(body):
    body[:] = 0
    body[0, 20, 20] = GLAND
    body[6, 20, 20] = LESION  # six slices of 2 mm
    near = {"near": [GLAND]}
    assert found(body, rule("outside", LESION, figures={"max_mm": 12}, **near)) == ()
    assert only(body, rule("outside", LESION, figures={"max_mm": 11.9}, **near)).count == 1


def test_a_lesion_inside_muscle_is_outside_even_beside_gland(body):
    body[5, 25:30, 20] = GLAND
    body[5, 32, 20] = LESION
    finding = only(body, rule("outside", LESION, near=[GLAND], avoid=[MUSCLE]))
    assert finding.places == ((5, 32, 20),)


def test_a_lesion_on_the_face_of_muscle_is_not_inside_it(body):
    body[5, 25:29, 20] = GLAND
    body[5, 29, 20] = LESION  # one of six faces touches muscle
    assert found(body, rule("outside", LESION, near=[GLAND], avoid=[MUSCLE])) == ()


def test_without_any_gland_distance_says_nothing(body):
    body[body == GLAND] = 0
    body[5, 5, 5] = LESION
    assert found(body, rule("outside", LESION, near=[GLAND], avoid=[MUSCLE])) == ()


@oblique
def test_specks_are_pieces_under_a_volume_but_never_the_largest(turned_deg):
    labels = empty()
    labels[2, 2:4, 2:4] = LESION  # 8 mm³, the largest
    labels[8, 20, 20:23] = LESION  # 6 mm³
    labels[10, 30, 30] = LESION  # 2 mm³
    finding = only(labels, rule("specks", LESION, figures={"min_mm3": 10}), turned_deg=turned_deg)
    assert (finding.count, finding.places) == (2, ((8, 20, 21), (10, 30, 30)))
    assert only(labels, rule("specks", LESION, figures={"min_mm3": 6}), turned_deg=turned_deg).count == 1
    assert found(labels, rule("specks", LESION, figures={"min_mm3": 2}), turned_deg=turned_deg) == ()


def test_voxels_that_meet_at_a_corner_are_one_piece():
    labels = empty()
    labels[4, 4, 4] = labels[5, 5, 5] = LESION
    assert found(labels, rule("specks", LESION)) == ()


def test_a_hole_is_what_one_label_encloses(body):
    body[5, 15:18, 15:18] = 0
    assert only(body, rule("holes", GLAND, figures={"min_mm3": 18})).places == ((5, 16, 16),)
    assert found(body, rule("holes", GLAND, figures={"min_mm3": 18.1})) == ()


def test_another_label_inside_is_no_hole(body):
    body[5, 15:18, 15:18] = LESION
    assert found(body, rule("holes", GLAND, figures={"min_mm3": 0})) == ()


def test_a_hole_counts_for_the_label_with_most_of_its_surface(body):
    body[4:7, 14:19, 14:19] = LESION
    body[5, 15:18, 15:18] = 0
    body[4, 15, 15] = GLAND
    findings = found(body, rule("holes", GLAND, LESION, figures={"min_mm3": 0}))
    assert [f.key for f in findings] == ["holes:5"]


def test_an_outline_that_was_not_filled_is_a_hole_in_its_slice(body):
    body[:] = 0
    body[4:6, 10:20, 10:20] = HEART
    body[4:6, 12:18, 12:18] = 0
    finding = only(body, rule("slice_holes", HEART, figures={"min_mm3": 0}))
    assert (finding.count, finding.text) == (2, "2 holes in single slices of the heart, 0.14 ml in all.")
    assert found(body, rule("holes", HEART, figures={"min_mm3": 0})) == ()


@oblique
def test_skipped_slices_are_named_where_the_label_goes_on(body, turned_deg):
    body[5] = 0
    finding = only(body, rule("skipped", GLAND), turned_deg=turned_deg)
    assert (finding.count, finding.places[0][0]) == (1, 5)
    assert body[4][finding.places[0][1:]] == body[6][finding.places[0][1:]] == GLAND


def test_two_lesions_at_different_places_skip_nothing():
    labels = empty()
    labels[2, 5:8, 5:8] = labels[5, 30:33, 30:33] = LESION
    assert found(labels, rule("skipped", LESION)) == ()


def test_a_gap_wider_than_allowed_is_none():
    labels = empty()
    labels[[1, 5], 5:8, 5:8] = LESION
    assert only(labels, rule("skipped", LESION, figures={"max_slices": 3})).count == 3
    assert found(labels, rule("skipped", LESION, figures={"max_slices": 2})) == ()


def test_slices_that_nobody_asked_for_are_not_skipped(body):
    body[[4, 6]] = 0
    assert only(body, rule("skipped", GLAND), asked=[3, 5, 6, 7]).places[0][0] == 6
    assert found(body, rule("skipped", GLAND), asked=[3, 5, 7]) == ()


@pytest.mark.parametrize("mirrored", [False, True])
@oblique
def test_the_heart_belongs_on_the_patients_left(mirrored, turned_deg):
    labels = empty((12, 40, 300))
    labels[4:8, 10:20, 200:230] = HEART
    findings = found(labels, rule("side", HEART), mirrored=mirrored, turned_deg=turned_deg)
    assert [f.key for f in findings] == (["side:7"] if mirrored else [])


def test_a_heart_at_the_middle_is_on_no_side():
    labels = empty((12, 40, 300))
    labels[4:8, 10:20, 140:150] = HEART  # its centre is 5 mm to the right of the middle
    assert found(labels, rule("side", HEART, figures={"margin_mm": 5})) == ()
    finding = only(labels, rule("side", HEART, figures={"margin_mm": 4.9}))
    assert "5 mm from the middle" in finding.text


def test_a_picture_of_one_breast_has_no_middle_of_the_body():
    labels = empty((12, 40, 200))
    labels[4:8, 10:20, 10:30] = HEART
    assert found(labels, rule("side", HEART)) == ()


def test_an_implausible_size_is_named_with_its_bound():
    labels = empty()
    labels[:, :, :30] = NODE
    text = only(labels, rule("size", NODE, figures={"max_ml": 28})).text
    assert text == "The largest lymph node has 28.8 ml: over 28 ml, which is unusual."
    assert found(labels, rule("size", NODE, figures={"max_ml": 28.8})) == ()
    assert only(labels, rule("size", NODE, figures={"min_ml": 29})).label == NODE


@pytest.mark.parametrize("severity", Severity)
def test_each_severity_does_what_it_says(body, severity):
    findings = found(body, rule("missing", HEART, severity=severity.value))
    assert [f.severity for f in findings] == ([] if severity == Severity.OFF else [severity])


def test_errors_stand_before_warnings(body):
    rules = rule("missing", HEART) + rule("missing", LIVER, severity="error")
    assert [f.label for f in found(body, rules)] == [LIVER, HEART]


def test_noise_is_told_at_once_and_not_looked_through(monkeypatch):
    monkeypatch.setattr("backend.annotation.checks.drawing.MOST_RUNS", 100)
    labels = np.random.default_rng(0).integers(0, 10, (4, 16, 16), np.uint8)
    (finding,) = found(labels, default_rules(DEFAULT_LABELS))
    assert (finding.key, finding.severity, MOST_RUNS > 10**6) == ("noise", Severity.ERROR, True)


def test_at_most_twenty_places_are_given_of_all_that_are_counted():
    labels = empty()
    labels[0, :4, :4] = LESION
    labels[2::4, 1::4, 1::4] = LESION
    finding = only(labels, rule("specks", LESION))
    assert (finding.count, len(finding.places)) == (300, 20)


@st.composite
def label_maps(draw):
    shape = draw(st.tuples(*[st.integers(1, 7)] * 3))
    values = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4))
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).choice(np.array(values, np.uint8), shape)


@settings(max_examples=150, deadline=None)
@given(label_maps(), st.none() | st.sets(st.integers(0, 6), min_size=1))
def test_no_drawing_is_too_odd_to_be_checked(labels, asked):
    findings = found(labels, default_rules(DEFAULT_LABELS), asked=asked)
    keys = [finding.key for finding in findings]
    assert len(set(keys)) == len(keys)
    for finding in findings:
        assert finding.text.endswith(".")
        for place in finding.places:
            assert all(0 <= index < size for index, size in zip(place, labels.shape, strict=True))
            if finding.rule in {"specks", "outside", "side", "size"}:
                assert labels[place] == finding.label
            if finding.rule in {"holes", "slice_holes", "skipped"}:
                assert labels[place] != finding.label


@settings(max_examples=150, deadline=None)
@given(label_maps())
def test_pieces_are_those_that_scipy_finds(labels):
    runs = Runs.of(labels)
    ours = pieces_of(runs, np.flatnonzero(runs.value), steps=CORNERS, reach=1)
    for value in range(1, 10):
        numbered, count = ndimage.label(labels == value, np.ones((3, 3, 3)))
        theirs = np.bincount(numbered.reshape(-1))[1:] if count else []
        assert sorted(ours.voxels[ours.value == value].tolist()) == sorted(theirs)
    background = pieces_of(runs, np.flatnonzero(runs.value == 0), steps=FACES, reach=0)
    assert background.voxels.size == ndimage.label(labels == 0)[1]


@settings(max_examples=100, deadline=None)
@given(label_maps())
def test_holes_are_those_that_scipy_fills(labels):
    drawing = Drawing(labels, grid(labels.shape), NAMES)
    filled = ndimage.binary_fill_holes(labels > 0)
    assert int(drawing.holes.voxels.sum()) == int((filled & (labels == 0)).sum())
    by_slice = sum(int((ndimage.binary_fill_holes(plane > 0) & (plane == 0)).sum()) for plane in labels)
    assert int(drawing.slice_holes.voxels.sum()) == by_slice
    assert (drawing.holes.label > 0).all()


def test_looking_at_everything_costs_less_than_finding_pieces_voxel_by_voxel():
    labels = empty((40, 224, 224))
    z, y, x = np.ogrid[:40, :224, :224]
    for value in range(1, 10):
        centre = (20, 40 + 16 * value, 30 + 18 * value)
        labels[((z - centre[0]) / 15) ** 2 + ((y - centre[1]) / 40) ** 2 + ((x - centre[2]) / 35) ** 2 < 1] = value
    geometry = grid(labels.shape)

    def ours():
        check(Drawing(labels, geometry, NAMES), default_rules(DEFAULT_LABELS))

    def theirs():
        for value in range(1, 10):
            ndimage.label(labels == value, np.ones((3, 3, 3)))
            ndimage.label(labels != value)

    assert min(_seconds(ours) for _ in range(3)) < min(_seconds(theirs) for _ in range(3))


def _seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_the_rules_by_default_are_those_of_the_nine_labels_and_survive_json():
    rules = default_rules(DEFAULT_LABELS)
    assert read_rules([r.to_json() for r in rules], values=NAMES) == rules
    assert {r.name.value for r in rules} == {
        "nothing", "undrawn", "missing", "outside", "specks", "holes", "slice_holes", "skipped", "side", "size"
    }  # fmt: skip


def test_other_label_sets_get_the_rules_of_the_labels_they_share():
    heart_alone = [label for label in DEFAULT_LABELS if label.name == "heart"]
    rules = default_rules(heart_alone)
    assert {value for r in rules for value in r.labels} == {HEART}
    assert not any(r.name == "outside" for r in rules)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"rule": "colour", "severity": "warning"}, "rule needs one of"),
        ({"rule": "specks", "severity": "fatal"}, "severity needs one of"),
        ({"rule": "specks", "severity": "warning", "labels": [12]}, "no label of the project"),
        ({"rule": "nothing", "severity": "warning", "labels": [1]}, "takes no labels"),
        ({"rule": "specks", "severity": "warning", "figures": {"min_mm3": -1}}, "needs 0 to"),
        ({"rule": "specks", "severity": "warning", "figures": {"min_mm3": "nan"}}, "needs 0 to"),
        ({"rule": "specks", "severity": "warning", "figures": {"max_mm": 1}}, "has no max_mm"),
        ({"rule": "outside", "severity": "warning", "others": {"near": [99]}}, "no label of the project"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_with_a_sentence(entry, words):
    with pytest.raises(ValueError, match=words):
        read_rules([entry], values=NAMES)


def test_a_label_stands_once_in_a_rule():
    with pytest.raises(ValueError, match="names label 5 twice"):
        read_rules([r.to_json() for r in rule("specks", LESION) * 2], values=NAMES)
