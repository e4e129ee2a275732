"""Model folders: written the same, read safely, taken over where they fit."""

import hashlib
from dataclasses import replace

import pytest
import torch
from torch import nn

from ml.contracts import joint_sha256
from ml.nnunet.errors import RunError
from ml.nnunet.files import sha256_of
from ml.nnunet.model import StoredModel, read_model, take_over, write_model

WEIGHTS = "fold_2/checkpoint_final.pth"


@pytest.fixture
def model() -> StoredModel:
    weights = {"conv.weight": torch.arange(12.0).reshape(3, 4)}
    return StoredModel({"configurations": {"2d": {}}}, {"labels": {"background": 0}}, "2d", {2: weights}, (0, 1))


def test_a_model_comes_back(tmp_path, model):
    written = write_model(tmp_path, model)
    assert written == {WEIGHTS: sha256_of(tmp_path / WEIGHTS)}
    back = read_model(tmp_path, sha256=written[WEIGHTS])
    assert torch.equal(back.folds[2]["conv.weight"], model.folds[2]["conv.weight"])
    assert (back.plans, back.description) == (model.plans, model.description)
    assert (back.configuration, tuple(back.mirroring_axes)) == ("2d", (0, 1))


def test_the_same_model_is_the_same_file(tmp_path, model):
    assert write_model(tmp_path / "a", model) == write_model(tmp_path / "b", model)


def test_a_model_of_several_folds_comes_back_under_one_hash(tmp_path, model):
    folds = {fold: {"conv.weight": torch.full((2, 2), float(fold))} for fold in (0, 1, 4)}
    written = write_model(tmp_path, replace(model, folds=folds))
    back = read_model(tmp_path, sha256=joint_sha256(written))
    assert {fold: float(weights["conv.weight"][0, 0]) for fold, weights in back.folds.items()} == {0: 0, 1: 1, 4: 4}
    lines = "".join(f"{sha256_of(tmp_path / path)}  {path}\n" for path in sorted(written))
    assert joint_sha256(written) == hashlib.sha256(lines.encode()).hexdigest()
    (tmp_path / "fold_1" / "checkpoint_final.pth").write_bytes(b"other")
    with pytest.raises(RunError, match="the registry knows"):
        read_model(tmp_path, sha256=joint_sha256(written))


def test_weights_of_another_hash_are_refused_unread(tmp_path, model):
    write_model(tmp_path, model)
    with pytest.raises(RunError, match="the registry knows"):
        read_model(tmp_path, sha256="f" * 64)


class Payload:
    def __reduce__(self):
        return (print, ("the file ran code",))


def test_weights_that_would_run_code_are_refused_even_when_the_hash_is_right(tmp_path, model, capsys):
    path = tmp_path / next(iter(write_model(tmp_path, model)))
    torch.save({"network_weights": Payload()}, path)
    with pytest.raises(RunError, match="cannot be read"):
        read_model(tmp_path, sha256=sha256_of(path))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"not weights"])
def test_broken_weights_are_told(tmp_path, model, content):
    write_model(tmp_path, model)
    (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(RunError, match="restore it or train again"):
        read_model(tmp_path, sha256=None)


@pytest.mark.parametrize("name", ["plans.json", "dataset.json"])
def test_a_missing_description_is_told(tmp_path, model, name):
    write_model(tmp_path, model)
    (tmp_path / name).unlink()
    with pytest.raises(RunError, match=name):
        read_model(tmp_path, sha256=None)


def test_a_folder_needs_a_fold(tmp_path):
    with pytest.raises(RunError, match="a model folder of a finished run"):
        read_model(tmp_path, sha256=None)


def test_tensors_of_equal_name_and_shape_are_taken_over_and_no_other():
    small, large = (nn.Sequential(nn.Linear(4, 3), nn.Linear(3, outputs)) for outputs in (2, 5))
    head = large[1].weight.detach().clone()
    assert take_over(large, small.state_dict()) == (2, 4)
    assert torch.equal(large[0].weight, small[0].weight)
    assert torch.equal(large[1].weight, head)
