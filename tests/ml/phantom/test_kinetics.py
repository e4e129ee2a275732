import numpy as np
import pytest
from scipy import ndimage

from ml.phantom import Label, make_phantom
from ml.phantom.lesions import UPTAKE, Kind
from ml.phantom.tissue import (
    FAT,
    FLIP_ANGLE_DEG,
    MUSCLE,
    RELAXIVITY_L_PER_MMOL_S,
    REPETITION_TIME_MS,
    Tissue,
    Uptake,
    spoiled_echo,
)

SPICULATED_SEED = 1


def _mean(phantom, mask):
    return phantom.phases[:, mask].astype(float).mean(axis=1)


def test_the_echo_is_the_steady_state_of_repeated_pulses():
    t1_ms = 700.0
    flip, decay = np.deg2rad(FLIP_ANGLE_DEG), np.exp(-REPETITION_TIME_MS / t1_ms)
    along = 1.0
    for _ in range(4000):
        along = 1.0 - (1.0 - along * np.cos(flip)) * decay
    assert spoiled_echo(t1_ms) == pytest.approx(along * np.sin(flip), rel=1e-9)


def test_uptake_peaks_where_its_derivative_vanishes():
    uptake = Uptake(peak_mmol_l=0.8, wash_in_per_s=0.03, wash_out_per_s=0.002)
    peak_s = np.log1p(0.03 / 0.002) / 0.03
    times = np.linspace(1.0, 600.0, 6000)
    found = times[np.argmax([uptake.concentration_mmol_l(t) for t in times])]
    assert found == pytest.approx(peak_s, abs=0.2)
    assert uptake.concentration_mmol_l(0.0) == uptake.concentration_mmol_l(-50.0) == 0.0


def test_contrast_shortens_t1_by_its_relaxivity():
    tissue = Tissue(Label.LESION, 1000.0, 1.0, Uptake(0.5, 1.0, 0.0))
    shortened_ms = 1000.0 / (1.0 + RELAXIVITY_L_PER_MMOL_S * 0.5)
    ratio = tissue.signal(1e6) / tissue.signal(-1.0)
    assert ratio == pytest.approx(spoiled_echo(shortened_ms) / spoiled_echo(1000.0))


def test_fat_never_enhances():
    assert FAT.signal(90.0) == FAT.signal(-1.0)


def test_lesions_enhance_far_beyond_noise_and_more_than_muscle(cohort):
    for phantom in cohort:
        noise = phantom.phases[0, :, :4, :].std()
        lesion = _mean(phantom, phantom.labels == Label.LESION)
        muscle = _mean(phantom, phantom.labels == Label.MUSCLE)
        assert lesion[1] - lesion[0] > 8.0 * noise
        assert (lesion[1] / lesion[0]) > 1.3 * (muscle[1] / muscle[0])


def test_muscle_enhances_little_and_breast_fat_not_at_all(cohort):
    expected = MUSCLE.signal(90.0) / MUSCLE.signal(-1.0)
    for phantom in cohort:
        muscle = _mean(phantom, phantom.labels == Label.MUSCLE)
        assert 1.0 < muscle[1] / muscle[0] < 1.25 * expected
        fat = _mean(phantom, _deep_breast_fat(phantom))
        assert fat[1:] / fat[0] == pytest.approx(1.0, abs=0.06)


def _deep_breast_fat(phantom):
    """Voxels far from air and from every label, in front of the chest wall."""
    tissue = ndimage.binary_fill_holes(phantom.phases[0] > 18)
    inside = ndimage.binary_erosion(tissue, iterations=3)
    clear = ~ndimage.binary_dilation(phantom.labels > 0, iterations=2)
    rows = np.arange(phantom.labels.shape[1])[None, :, None]
    y_mm = phantom.geometry.matrix[1, 3] + phantom.geometry.matrix[1, 1] * rows
    return inside & clear & (y_mm < 0.0)


def test_spiculated_masses_and_blood_wash_out_while_smooth_masses_keep_rising():
    phantom = make_phantom(seed=SPICULATED_SEED)
    assert [lesion.kind for lesion in phantom.features.lesions] == ["spiculated mass"]
    lesion = _mean(phantom, phantom.labels == Label.LESION)
    heart = _mean(phantom, phantom.labels == Label.HEART)
    assert lesion[1] > lesion[2] > lesion[3] > lesion[0]
    assert heart[1] > heart[2] > heart[3] > 1.5 * heart[0]
    smooth = UPTAKE[Kind.SMOOTH_MASS]
    assert smooth.concentration_mmol_l(60.0) < smooth.concentration_mmol_l(160.0) < smooth.concentration_mmol_l(260.0)
