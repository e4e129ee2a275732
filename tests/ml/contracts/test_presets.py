"""Presets and channels refuse what cannot be trained."""

import pytest

from ml.contracts import PRESETS, Channel, Preset, preset


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_found_by_its_name(name):
    assert preset(name) is PRESETS[name]
    assert preset(name).name == name


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"patch_yx": (90, 96)}, "multiple of 4"),
        ({"configuration": "3d_fullres"}, "2d configuration"),
        ({"epochs": 0}, "count from 1"),
    ],
)
def test_a_preset_that_cannot_be_trained_is_refused(changes, complaint):
    wanted = {
        "name": "odd",
        "configuration": "2d",
        "epochs": 1,
        "iterations_per_epoch": 1,
        "validation_iterations": 1,
        "patch_yx": (96, 96),
        "features": (8, 16, 32),
    }
    with pytest.raises(ValueError, match=complaint):
        Preset(**(wanted | changes))


def test_a_channel_is_named_by_its_phases():
    assert (Channel(1).name, Channel(1).last_phase) == ("phase1", 1)
    assert (Channel(1, minus=0).name, Channel(1, minus=0).last_phase) == ("phase1-phase0", 1)
    assert Channel(0, minus=3).last_phase == 3


@pytest.mark.parametrize("phases", [(-1, None), (1, -2)])
def test_phases_count_from_zero(phases):
    with pytest.raises(ValueError, match="count from 0"):
        Channel(*phases)
