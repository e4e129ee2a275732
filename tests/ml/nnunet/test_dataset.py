"""A raw dataset is checked before any work is done, and what is wrong is named."""

import json

import numpy as np
import pytest

from ml.nnunet.dataset import Fold, check_labels, read_dataset
from ml.nnunet.errors import RunError
from ml.volumes import read_nifti, write_nifti

SMALL = (2, 8, 8)


@pytest.fixture
def folder(make_dataset, tmp_path):
    return make_dataset(tmp_path / "Dataset003_small", cases=3, shape_zyx=SMALL)


def edit(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def relabel(folder, name, labels):
    path = folder / "labelsTr" / f"{name}.nii.gz"
    write_nifti(path, labels.astype(np.uint8), read_nifti(path)[1])


def test_a_good_dataset_is_read(folder):
    dataset = read_dataset(folder, (0,))
    check_labels(dataset)
    assert dataset.channels == ("phase0", "phase1")
    assert dataset.foreground == {1: "gland", 2: "lesion", 3: "heart"}
    assert dataset.folds == (Fold(0, ("case0", "case1"), ("case2",)),)
    assert dataset.cases["case1"].label.is_file()


def test_a_folder_of_another_name_is_refused(tmp_path):
    with pytest.raises(RunError, match="Dataset###_name, got 'raw'"):
        read_dataset(tmp_path / "raw", (0,))


@pytest.mark.parametrize("name", ["dataset.json", "splits_final.json"])
@pytest.mark.parametrize(("content", "complaint"), [(None, "is missing"), ("{", "is not JSON")])
def test_a_description_that_is_missing_or_broken_is_named(folder, name, content, complaint):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(RunError, match=f"{name} {complaint}"):
        read_dataset(folder, (0,))


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ({"background": 0, "gland": [1, 2]}, "regions are not supported"),
        ({"background": 1, "gland": 0}, "count from background 0"),
        ({"background": 0, "gland": 2}, "without gaps"),
        ({"background": 0, "ignore": 1, "gland": 2}, "ignore label needs the highest"),
    ],
)
def test_labels_that_nnunet_cannot_take_are_refused(folder, labels, complaint):
    edit(folder / "dataset.json", labels=labels)
    with pytest.raises(RunError, match=complaint):
        read_dataset(folder, (0,))


def test_a_fold_that_is_not_there_is_told(folder):
    with pytest.raises(RunError, match=r"Fold 1 was asked for, but splits_final\.json has 1"):
        read_dataset(folder, (1,))


@pytest.mark.parametrize(
    ("split", "which"), [({"train": [], "val": ["case0"]}, "training"), ({"train": ["case0"], "val": []}, "validation")]
)
def test_a_fold_with_an_empty_side_is_told(folder, split, which):
    (folder / "splits_final.json").write_text(json.dumps([split]))
    with pytest.raises(RunError, match=f"no {which} case"):
        read_dataset(folder, (0,))


def test_fewer_phases_than_channels_are_told_by_case(folder):
    (folder / "imagesTr" / "case1_0001.nii.gz").unlink()
    with pytest.raises(RunError, match=r"Case case1 has no channel 1 .* fewer phases"):
        read_dataset(folder, (0,))


def test_a_missing_label_map_is_told_by_case(folder):
    (folder / "labelsTr" / "case2.nii.gz").unlink()
    with pytest.raises(RunError, match="Case case2 has no label map"):
        read_dataset(folder, (0,))


def test_training_cases_without_any_label_are_told(folder):
    for name in ("case0", "case1"):
        relabel(folder, name, np.full(SMALL, 4))
    with pytest.raises(RunError, match="no labelled voxel: approve at least one"):
        check_labels(read_dataset(folder, (0,)))


def test_a_value_that_is_not_named_is_told_by_case(folder):
    relabel(folder, "case2", np.full(SMALL, 9))
    with pytest.raises(RunError, match="case case2 holds 9"):
        check_labels(read_dataset(folder, (0,)))


def test_a_label_map_on_another_grid_is_told_by_case(folder, make_grid):
    write_nifti(folder / "labelsTr" / "case1.nii.gz", np.ones(SMALL, np.uint8), make_grid(SMALL, (3.0, 2.0, 2.5)))
    with pytest.raises(RunError, match=r"Case case1: case1_0000\.nii\.gz and the label map lie on different grids"):
        check_labels(read_dataset(folder, (0,)))


def test_a_label_map_that_cannot_be_read_is_told_by_case(folder):
    (folder / "labelsTr" / "case0.nii.gz").write_bytes(b"torn")
    with pytest.raises(RunError, match=r"Case case0: .* cannot be read"):
        check_labels(read_dataset(folder, (0,)))


@pytest.mark.parametrize("name", ["imagesTr/case1_0001.nii.gz", "labelsTr/case1.nii.gz"])
def test_a_file_that_is_cut_is_told_by_case(folder, name):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:-30])
    with pytest.raises(RunError, match=r"Case case1: case1(_0001)?\.nii\.gz (is cut short|cannot be read)"):
        check_labels(read_dataset(folder, (0,)))
