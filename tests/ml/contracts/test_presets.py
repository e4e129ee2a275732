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
        ({"configurations": ("3d_fullres",)}, "2d configuration"),
        ({"configurations": ()}, "one or more"),
        ({"configurations": ("2d", "2d")}, "each once"),
        ({"folds": ()}, "one or more from 0"),
        ({"folds": (0, 0)}, "each once"),
        ({"folds": (-1,)}, "from 0"),
        ({"gpu_memory_gb": 0.5}, "1 or more, got 0.5"),
        ({"planner": "ResEncM"}, "default planner"),
        ({"epochs": 0}, "count from 1"),
    ],
)
def test_a_preset_that_cannot_be_trained_is_refused(changes, complaint):
    wanted = {
        "name": "odd",
        "configurations": ("2d",),
        "epochs": 1,
        "iterations_per_epoch": 1,
        "validation_iterations": 1,
        "patch_yx": (96, 96),
        "features": (8, 16, 32),
    }
    with pytest.raises(ValueError, match=complaint):
        Preset(**(wanted | changes))


def test_a_preset_is_changed_by_the_setting_and_stays_what_it_was():
    changed = preset("draft", loss="dice_focal", planner="ResEncM", folds=(0, 1))
    assert (changed.loss, changed.planner, changed.folds, changed.epochs) == ("dice_focal", "ResEncM", (0, 1), 250)
    assert preset("draft").loss == "dice_ce"
    with pytest.raises(ValueError, match="known: smoke, demo, draft, final"):
        preset("best")


def test_a_channel_is_named_by_its_phases():
    assert (Channel(1).name, Channel(1).last_phase) == ("phase1", 1)
    assert (Channel(1, minus=0).name, Channel(1, minus=0).last_phase) == ("phase1-phase0", 1)
    assert Channel(0, minus=3).last_phase == 3


@pytest.mark.parametrize("phases", [(-1, None), (1, -2)])
def test_phases_count_from_zero(phases):
    with pytest.raises(ValueError, match="count from 0"):
        Channel(*phases)
