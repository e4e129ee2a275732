"""Planning and loading against nnU-Net's own."""

import json
import math

import numpy as np
import pytest
import torch
from nnunetv2.experiment_planning.dataset_fingerprint.fingerprint_extractor import DatasetFingerprintExtractor
from nnunetv2.training.dataloading.data_loader import nnUNetDataLoader
from nnunetv2.utilities.label_handling.label_handling import LabelManager

from ml.nnunet.dataset import read_dataset
from ml.nnunet.environment import set_folders
from ml.nnunet.loading import InsideLoader
from ml.nnunet.planning import describe_for_nnunet, fingerprint
from ml.nnunet.running import StopFlag


@pytest.mark.slow
def test_the_fingerprint_is_that_of_nnunet(raw, tmp_path, monkeypatch):
    dataset = read_dataset(raw, (0,))
    for name in ("raw", "preprocessed", "results"):
        monkeypatch.delenv(f"nnUNet_{name}", raising=False)
    set_folders(tmp_path)
    folder = tmp_path / "raw" / dataset.name
    folder.mkdir()
    (folder / "dataset.json").write_text(json.dumps(describe_for_nnunet(dataset)))
    stock = DatasetFingerprintExtractor(dataset.name, num_processes=1)
    stock.num_foreground_voxels_for_intensitystats = 40_000
    stock.run()
    theirs = json.loads((tmp_path / "preprocessed" / dataset.name / "dataset_fingerprint.json").read_text())
    mine = json.loads(json.dumps(fingerprint(dataset, processes=1, stop=StopFlag(), samples=40_000)))
    for channel, statistics in theirs.pop("foreground_intensity_properties_per_channel").items():
        assert mine["foreground_intensity_properties_per_channel"][channel] == pytest.approx(statistics, rel=1e-6)
    del mine["foreground_intensity_properties_per_channel"]
    assert mine == theirs


class OneCase:
    """A data set of one case whose labelled voxels lie in the corners."""

    identifiers = ("case",)

    def __init__(self, shape_zyx):
        last = [side - 1 for side in shape_zyx]
        corners = [[0, z, y, x] for z in (0, last[0]) for y in (0, last[1]) for x in (0, last[2])]
        self.locations = {1: np.array(corners)}


def patches(kind, shape_zyx, patch, final, count=200):
    case = OneCase(shape_zyx)
    labels = LabelManager({"background": 0, "gland": 1}, None)
    loader = kind(case, 2, patch, final, labels, oversample_foreground_percent=1.0)
    np.random.seed(0)  # noqa: NPY002
    return loader, [loader.get_bbox(np.array(shape_zyx), True, case.locations) for _ in range(count)]


@pytest.mark.parametrize(
    ("shape", "patch", "final"),
    [
        ((9, 96, 96), (136, 136), (96, 96)),
        ((9, 300, 200), (136, 136), (96, 96)),
        ((9, 60, 200), (136, 137), (96, 96)),
        ((40, 50, 60), (24, 40, 41), (16, 32, 32)),
    ],
)
def test_a_patch_on_a_labelled_voxel_stays_inside_the_image(shape, patch, final):
    loader, boxes = patches(InsideLoader, shape, patch, final)
    for lows, highs in boxes:
        for axis, size in enumerate(shape):
            if len(patch) == 2 and axis == 0:
                continue  # one slice
            assert highs[axis] - lows[axis] == loader.patch_size[axis]
            margin = max(math.ceil((loader.patch_size[axis] - loader.final_patch_size[axis]) / 2), 0)
            if size >= loader.final_patch_size[axis]:
                assert lows[axis] >= -margin
                assert highs[axis] <= size + margin
            else:
                assert lows[axis] <= 0
                assert highs[axis] >= size


def test_nnunets_own_patches_leave_the_image_at_the_far_end():
    """The reason for the loader of ours; when this fails, nnU-Net has mended it and ours can go."""
    _, boxes = patches(nnUNetDataLoader, (9, 96, 96), (136, 136), (96, 96))
    assert max(highs[1] for _, highs in boxes) > 96 + 20


def test_patches_away_from_the_border_are_centred_on_the_voxel():
    case = OneCase((9, 300, 300))
    case.locations = {1: np.array([[0, 4, 150, 140]])}
    loader = InsideLoader(
        case,
        2,
        (136, 136),
        (96, 96),
        LabelManager({"background": 0, "gland": 1}, None),
        oversample_foreground_percent=1.0,
    )
    lows, highs = loader.get_bbox(np.array((9, 300, 300)), True, case.locations)
    assert (lows[1:], highs[1:]) == ([150 - 68, 140 - 68], [150 + 68, 140 + 68])


def test_torch_keeps_one_thread_on_a_cpu_unless_told_otherwise(monkeypatch):
    from ml.nnunet.environment import open_device

    before = torch.get_num_threads()
    try:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        open_device("cpu")
        assert torch.get_num_threads() == 1
        monkeypatch.setenv("OMP_NUM_THREADS", "2")
        open_device("cpu")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
