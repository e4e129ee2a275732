"""Derived channels against closed forms, and projections against SimpleITK."""

import numpy as np
import pytest
import SimpleITK as sitk

from ml.contracts import Channel
from ml.preprocessing.channels import (
    Kind,
    Projections,
    Recipe,
    Timing,
    compute,
    initial_enhancement,
    maximum_projection,
    phases_used,
    recipe,
    relative_enhancement,
    subtraction,
    washout_slope,
)

SHAPE = (5, 4, 3)


def image(seed, shape=SHAPE):
    return np.random.default_rng(seed).uniform(-50, 900, shape).astype(np.float32)


def ramps(minutes):
    """Phases that rise by exactly `slope` units a minute in each voxel."""
    slope = np.round(image(1) / 8).astype(np.float32)
    start = np.round(image(2)).astype(np.float32)
    return slope, [start + slope * np.float32(at) for at in minutes]


@pytest.mark.parametrize("minutes", [(0, 1), (1, 2, 3), (1.5, 2, 4.25, 9), (22.75, 24.875, 26.875, 28.875)])
def test_the_slope_of_a_ramp_is_its_slope_however_unevenly_it_was_sampled(minutes):
    slope, phases = ramps(minutes)
    np.testing.assert_allclose(washout_slope(phases, minutes), slope, rtol=1e-4, atol=2e-3)


def test_the_slope_is_that_of_least_squares():
    minutes, phases = (1.0, 2.5, 3.0, 7.0), [image(n) for n in range(4)]
    expected = np.polyfit(minutes, np.stack(phases).reshape(4, -1).astype(np.float64), 1)[0].reshape(SHAPE)
    np.testing.assert_allclose(washout_slope(phases, minutes), expected, rtol=1e-4, atol=1e-3)


def test_without_times_the_slope_is_per_phase():
    slope, phases = ramps((0, 1, 2))
    np.testing.assert_allclose(washout_slope(phases, None), slope, rtol=1e-5, atol=1e-3)


def test_a_voxel_that_does_not_change_has_no_slope():
    np.testing.assert_allclose(washout_slope([image(1)] * 4, (1, 2, 5, 6)), 0, atol=1e-3)


@pytest.mark.parametrize(("phases", "minutes"), [(1, None), (2, (1.0,)), (3, (1.0, 2.0))])
def test_a_slope_needs_two_phases_and_a_time_for_each(phases, minutes):
    with pytest.raises(ValueError, match="need two phases"):
        washout_slope([image(n) for n in range(phases)], minutes)


def test_subtraction_and_initial_enhancement_are_differences():
    np.testing.assert_array_equal(subtraction(image(1), image(2)), image(1) - image(2))
    np.testing.assert_array_equal(initial_enhancement(image(1), image(2)), image(2) - image(1))


def test_relative_enhancement_is_in_percent_and_nothing_in_air():
    pre = np.array([[[100, 200, 4, 0, -3, 100]]], dtype=np.float32)
    post = np.array([[[250, 100, 50, 80, 9, 5000]]], dtype=np.float32)
    np.testing.assert_array_equal(relative_enhancement(post, pre, floor=5), [[[150, -50, 0, 0, 0, 1000]]])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_projections_are_those_of_simpleitk(axis):
    volume = image(3, (20, 7, 9))
    theirs = sitk.MaximumProjection(sitk.GetImageFromArray(volume), 2 - axis)
    np.testing.assert_array_equal(maximum_projection(volume, axis), np.squeeze(sitk.GetArrayFromImage(theirs), axis))


def test_projections_do_not_depend_on_how_the_slices_come():
    volume = image(4, (20, 7, 9))
    found = Projections((20, 7, 9))
    for start in (16, 0, 8):
        found.add(start, volume[start : start + 8])
    for axis, projection in enumerate((found.along_z, found.along_y, found.along_x)):
        np.testing.assert_array_equal(projection, maximum_projection(volume, axis))


RECIPES = {
    "phase3": Recipe(Kind.PHASE, Channel(3)),
    "phase2-phase0": Recipe(Kind.SUBTRACTION, Channel(2, 0)),
    "phase2-phase0-percent": Recipe(Kind.PERCENT, Channel(2, 0)),
    "dce_in": Recipe(Kind.DCE_IN),
    "dce_out": Recipe(Kind.DCE_OUT),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_and_its_name_give_each_other(name):
    assert recipe(name) == RECIPES[name]
    assert recipe(name).name == name


@pytest.mark.parametrize(
    "name",
    ["", "dce", "phase", "phase01", "phase1-phase1", "phase-1", "phase1-phase0-", "phase9999", "../phase1"],
)
def test_other_words_name_no_channel(name):
    with pytest.raises(ValueError, match="unknown channel"):
        recipe(name)


def test_names_are_those_of_the_networks_channels():
    for channel in (Channel(0), Channel(2, 0)):
        assert recipe(channel.name).channel == channel


FOUR = Timing((0.0, 120.0, 180.0, 360.0))


@pytest.mark.parametrize(
    ("name", "timing", "used"),
    [
        ("phase3", FOUR, (3,)),
        ("phase1-phase3", FOUR, (1, 3)),
        ("dce_in", FOUR, (0, 1)),
        ("dce_out", FOUR, (1, 2, 3)),
        ("dce_in", Timing((0.0, 60.0, 120.0, 180.0), precontrast=2), (0, 2)),
        ("dce_out", Timing((0.0, 60.0, 120.0, 180.0), precontrast=2), (2, 3)),
    ],
)
def test_each_channel_uses_its_phases(name, timing, used):
    assert phases_used(recipe(name), timing) == used


@pytest.mark.parametrize(
    ("name", "timing", "words"),
    [
        ("phase4", FOUR, "there is no phase 4"),
        ("phase0-phase4", FOUR, "there is no phase 4"),
        ("dce_in", Timing((0.0,)), "before and one after"),
        ("dce_out", Timing((0.0, 60.0)), "two phases after"),
    ],
)
def test_too_few_phases_are_told(name, timing, words):
    with pytest.raises(ValueError, match=words):
        phases_used(recipe(name), timing)


@pytest.mark.parametrize(
    ("times", "minutes"),
    [
        ((0.0, 120.0, 180.0), (2.0, 3.0)),
        ((0.0, None, 180.0), None),
        ((0.0, 180.0, 120.0), None),
        ((0.0, 120.0, 120.0), None),
        ((None, 120.0, 180.0), (2.0, 3.0)),
    ],
)
def test_times_count_when_all_are_known_and_rise(times, minutes):
    assert Timing(times).post_minutes == minutes


def test_compute_does_what_the_recipe_says():
    phases = {n: image(n) for n in range(4)}
    expected = {
        "phase3": phases[3],
        "phase2-phase0": phases[2] - phases[0],
        "phase2-phase0-percent": relative_enhancement(phases[2], phases[0], floor=20),
        "dce_in": phases[1] - phases[0],
        "dce_out": washout_slope([phases[1], phases[2], phases[3]], (2, 3, 6)),
    }
    for name, values in expected.items():
        np.testing.assert_array_equal(compute(recipe(name), phases, FOUR, floor=20), values)
