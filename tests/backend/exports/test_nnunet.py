"""The raw dataset on disk, with nibabel and nnU-Net itself as referees."""

import hashlib
import json
import subprocess
import sys

import nibabel
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.exports.channels import channel_array, channels_for, phases_needed
from backend.exports.nnunet import dataset_name, write_raw
from backend.exports.services import freeze_snapshot
from backend.imaging.models import Phase
from ml.contracts import Channel
from tests.backend.cohort import AFFINE, SHAPE_ZYX, phase_pixels, some_labels

pytestmark = pytest.mark.django_db

CHECK = """
import os, sys
for name in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
    os.environ[name] = sys.argv[1]
from nnunetv2.experiment_planning.verify_dataset_integrity import verify_dataset_integrity
if __name__ == "__main__":
    verify_dataset_integrity(sys.argv[2], num_processes=1)
"""


@pytest.fixture
def written(cohort, tmp_path):
    for _ in range(3):
        cohort.approved_case()
    snapshot = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    folder = tmp_path / "raw" / dataset_name(snapshot)
    for _ in write_raw(snapshot=snapshot, folder=folder):
        pass
    return snapshot, folder


def check(folder, tmp_path):
    script = tmp_path / "check.py"
    script.write_text(CHECK)
    order = [sys.executable, str(script), str(tmp_path), str(folder)]
    return subprocess.run(order, check=False, capture_output=True, text=True, timeout=300)


def test_nnunets_own_check_accepts_the_dataset(written, tmp_path):
    _, folder = written
    done = check(folder, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]


def test_nnunets_own_check_is_able_to_refuse(written, tmp_path):
    _, folder = written
    next((folder / "labelsTr").iterdir()).unlink()
    assert check(folder, tmp_path).returncode != 0


def test_images_and_masks_are_the_stored_voxels_in_their_place(written):
    snapshot, folder = written
    ras_from_lps = np.diag([-1.0, -1.0, 1.0, 1.0])
    xyz_to_zyx = np.eye(4)[[2, 1, 0, 3]]
    expected_affine = ras_from_lps @ np.array(AFFINE) @ xyz_to_zyx
    for case in snapshot.manifest["cases"]:
        for channel in (0, 1):
            image = nibabel.load(folder / "imagesTr" / f"{case['case_id']}_{channel:04d}.nii.gz")
            assert image.get_data_dtype() == np.int16
            assert np.array_equal(np.asarray(image.dataobj).T, phase_pixels(case["volume_id"], channel))
            assert np.allclose(image.affine, expected_affine, atol=1e-4)
        label = nibabel.load(folder / "labelsTr" / f"{case['case_id']}.nii.gz")
        assert label.get_data_dtype() == np.uint8
        assert np.array_equal(np.asarray(label.dataobj).T, some_labels(case["volume_id"]))
        assert np.allclose(label.affine, expected_affine, atol=1e-4)


def test_the_description_names_channels_and_labels(written):
    _, folder = written
    about = json.loads((folder / "dataset.json").read_text())
    assert about["channel_names"] == {"0": "phase0", "1": "phase1"}
    assert about["labels"]["background"] == 0
    assert about["labels"]["lymph node"] == 6
    assert list(about["labels"].values()) == list(range(10))
    assert (about["numTraining"], about["file_ending"]) == (3, ".nii.gz")


def test_the_splits_are_by_patient(written):
    snapshot, folder = written
    splits = json.loads((folder / "splits_final.json").read_text())
    assert len(splits) == 3
    names = {case["case_id"]: case["pseudonym"] for case in snapshot.manifest["cases"]}
    for split in splits:
        assert not {names[case] for case in split["train"]} & {names[case] for case in split["val"]}


def test_the_manifest_holds_the_hash_of_every_other_file(written):
    snapshot, folder = written
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    del files["manifest.json"]
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == manifest["files"]
    assert manifest["sha256"] == snapshot.sha256
    assert manifest["snapshot"] == snapshot.manifest


def test_a_snapshot_gives_the_same_bytes_every_time(written, tmp_path):
    snapshot, folder = written
    again = tmp_path / "again" / dataset_name(snapshot)
    for _ in write_raw(snapshot=snapshot, folder=again):
        pass
    assert (again / "manifest.json").read_bytes() == (folder / "manifest.json").read_bytes()


def test_values_that_are_no_whole_numbers_keep_their_fraction(cohort, tmp_path):
    cohort.approved_case()
    Phase.objects.update(slope=0.5, intercept=1.25)
    snapshot = freeze_snapshot(project=cohort.project, actor=cohort.manager)
    for _ in write_raw(snapshot=snapshot, folder=tmp_path / "raw"):
        pass
    (case,) = snapshot.manifest["cases"]
    image = nibabel.load(tmp_path / "raw" / "imagesTr" / f"{case['case_id']}_0000.nii.gz")
    expected = phase_pixels(case["volume_id"], 0) * np.float32(0.5) + np.float32(1.25)
    assert np.array_equal(np.asarray(image.dataobj).T, expected)


@pytest.mark.parametrize(
    ("counts", "names"), [([1], ["phase0"]), ([2], ["phase0", "phase1"]), ([1, 5], ["phase0", "phase1"])]
)
def test_channels_follow_the_phases(counts, names):
    channels = channels_for(counts)
    assert [channel.name for channel in channels] == names
    assert phases_needed(channels) == len(names)


@given(st.integers(0, 3), st.none() | st.integers(0, 3))
def test_a_channel_is_a_phase_or_the_difference_of_two(phase, minus):
    phases = {index: np.full(SHAPE_ZYX, 10.0**index, dtype=np.float32) for index in range(4)}
    array = channel_array(Channel(phase, minus), phases)
    assert array.shape == SHAPE_ZYX
    assert np.all(array == np.float32(10.0**phase) - (np.float32(10.0**minus) if minus is not None else 0))
