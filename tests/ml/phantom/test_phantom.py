import dataclasses

import numpy as np
import pytest

from ml.phantom import Label, Size, make_phantom
from ml.phantom.build import IMPLANT_SHARE, make_build


def _centre_lps(phantom, label):
    index = np.argwhere(phantom.labels == label).mean(axis=0)
    return phantom.geometry.position_lps(index)


def test_one_seed_gives_the_same_bytes_again(patient):
    again = make_phantom(seed=patient.seed)
    assert again.phases.tobytes() == patient.phases.tobytes()
    assert again.labels.tobytes() == patient.labels.tobytes()
    assert dataclasses.replace(again, phases=None, labels=None) == dataclasses.replace(
        patient, phases=None, labels=None
    )


def test_more_phases_change_neither_the_anatomy_nor_the_earlier_phases(patient):
    longer = make_phantom(seed=patient.seed, phases=5)
    assert np.array_equal(longer.labels, patient.labels)
    assert np.array_equal(longer.phases[:4], patient.phases)
    assert longer.phase_times_s[:4] == patient.phase_times_s


def test_patients_differ(cohort):
    for index, one in enumerate(cohort):
        for other in cohort[index + 1 :]:
            assert (one.labels != other.labels).mean() > 0.02
            assert one.identity.patient_id != other.identity.patient_id
    assert len({phantom.features.density for phantom in cohort}) >= 3
    gland_voxels = [int((phantom.labels == Label.GLAND).sum()) for phantom in cohort]
    assert max(gland_voxels) > 5 * min(gland_voxels)


def test_arrays_fit_the_geometry(cohort):
    for phantom in cohort:
        assert phantom.phases.shape == (4, *phantom.geometry.shape_zyx)
        assert phantom.phases.dtype == np.int16
        assert phantom.labels.shape == phantom.geometry.shape_zyx
        assert phantom.labels.dtype == np.uint8
        assert phantom.phases.min() >= 0
        assert phantom.phases.max() < 4096


def test_both_sizes_cover_the_same_field_of_view():
    for size in Size:
        extent = np.array(size.shape_zyx) * np.array(size.spacing_zyx_mm)
        assert extent == pytest.approx((176.0, 340.0, 340.0))
    assert Size.FULL.spacing_zyx_mm == pytest.approx((1.1, 0.7589, 0.7589), abs=1e-4)


def test_every_patient_of_the_cohort_has_every_label_but_the_implant(cohort):
    for phantom in cohort:
        assert set(range(9)) <= set(np.unique(phantom.labels).tolist())


def test_the_implant_label_appears_exactly_where_the_features_say_so(cohort):
    for phantom in cohort:
        index = np.argwhere(phantom.labels == Label.IMPLANT)
        left = {bool(x > 0) for x in phantom.geometry.position_lps(index)[:, 0]}
        assert left == {side == "left" for side in phantom.features.implants}
    assert any(phantom.features.implants for phantom in cohort)


def test_about_one_patient_in_six_has_implants():
    share = np.mean([bool(make_build(seed).implants) for seed in range(300)])
    assert share == pytest.approx(IMPLANT_SHARE, abs=0.07)


def test_the_heart_lies_left_the_liver_right_and_below_and_the_sternum_between(cohort):
    for phantom in cohort:
        heart, liver = _centre_lps(phantom, Label.HEART), _centre_lps(phantom, Label.LIVER)
        assert heart[0] > 5.0
        assert liver[0] < -20.0
        assert liver[2] < heart[2] - 20.0
        bone = phantom.geometry.position_lps(np.argwhere(phantom.labels == Label.BONE))
        front = bone[(bone[:, 1] < 55.0) & (np.abs(bone[:, 2]) < 30.0)]
        assert abs(float(np.median(front[:, 0]))) < 6.0
        assert liver[0] < float(np.median(front[:, 0])) < heart[0]


def test_glands_hang_in_front_of_the_chest_muscle_and_nodes_lie_in_the_axillae(cohort):
    for phantom in cohort:
        assert _centre_lps(phantom, Label.GLAND)[1] < _centre_lps(phantom, Label.MUSCLE)[1] - 40.0
        nodes = phantom.geometry.position_lps(np.argwhere(phantom.labels == Label.NODE))
        assert np.abs(nodes[:, 0]).min() > 95.0
        assert nodes[:, 2].min() > -30.0


def test_each_large_lesion_is_labelled_where_the_features_put_it(cohort):
    for phantom in cohort:
        points = phantom.geometry.position_lps(np.argwhere(phantom.labels == Label.LESION))
        for lesion in phantom.features.lesions:
            gap = np.linalg.norm(points - np.array(lesion.centre_lps), axis=1).min()
            assert gap < lesion.diameter_mm / 2
            assert (lesion.centre_lps[0] > 0) == (lesion.side == "left")


def test_air_holds_rayleigh_noise(patient):
    air = patient.phases[0, :, :4, :].astype(float)
    assert air.mean() / air.std() == pytest.approx(np.sqrt(np.pi / (4.0 - np.pi)), rel=0.12)


@pytest.mark.parametrize(("seed", "phases", "names"), [(-1, 4, "seed"), (1, 1, "phases"), (1, 65, "phases")])
def test_a_wrong_argument_is_named(seed, phases, names):
    with pytest.raises(ValueError, match=names):
        make_phantom(seed=seed, phases=phases)


@pytest.mark.slow
def test_both_sizes_show_the_same_anatomy(patient):
    full = make_phantom(seed=patient.seed, size=Size.FULL, phases=2)
    assert full.features == patient.features
    for label in (Label.MUSCLE, Label.HEART, Label.LIVER):
        small_mm3 = float((patient.labels == label).sum()) * patient.geometry.voxel_volume_mm3
        full_mm3 = float((full.labels == label).sum()) * full.geometry.voxel_volume_mm3
        assert full_mm3 == pytest.approx(small_mm3, rel=0.1)
