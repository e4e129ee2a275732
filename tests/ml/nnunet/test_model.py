"""Model folders: written the same, read safely, taken over where they fit."""

import pytest
import torch
from torch import nn

from ml.nnunet.errors import RunError
from ml.nnunet.files import sha256_of
from ml.nnunet.model import StoredModel, read_model, take_over, weights_file, write_model


@pytest.fixture
def model() -> StoredModel:
    weights = {"conv.weight": torch.arange(12.0).reshape(3, 4)}
    return StoredModel({"configurations": {"2d": {}}}, {"labels": {"background": 0}}, "2d", weights, (0, 1))


def test_a_model_comes_back(tmp_path, model):
    path = write_model(tmp_path, 2, model)
    assert path == tmp_path / "fold_2" / "checkpoint_final.pth"
    back = read_model(tmp_path, sha256=sha256_of(path))
    assert torch.equal(back.weights["conv.weight"], model.weights["conv.weight"])
    assert (back.plans, back.description) == (model.plans, model.description)
    assert (back.configuration, tuple(back.mirroring_axes)) == ("2d", (0, 1))


def test_the_same_model_is_the_same_file(tmp_path, model):
    assert len({sha256_of(write_model(tmp_path / name, 0, model)) for name in "ab"}) == 1


def test_weights_of_another_hash_are_refused_unread(tmp_path, model):
    write_model(tmp_path, 0, model)
    with pytest.raises(RunError, match="the registry knows"):
        read_model(tmp_path, sha256="f" * 64)


class Payload:
    def __reduce__(self):
        return (print, ("the file ran code",))


def test_weights_that_would_run_code_are_refused_even_when_the_hash_is_right(tmp_path, model, capsys):
    path = write_model(tmp_path, 0, model)
    torch.save({"network_weights": Payload()}, path)
    with pytest.raises(RunError, match="cannot be read"):
        read_model(tmp_path, sha256=sha256_of(path))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"not weights"])
def test_broken_weights_are_told(tmp_path, model, content):
    write_model(tmp_path, 0, model).write_bytes(content)
    with pytest.raises(RunError, match="restore it or train again"):
        read_model(tmp_path, sha256=None)


@pytest.mark.parametrize("name", ["plans.json", "dataset.json"])
def test_a_missing_description_is_told(tmp_path, model, name):
    write_model(tmp_path, 0, model)
    (tmp_path / name).unlink()
    with pytest.raises(RunError, match=name):
        read_model(tmp_path, sha256=None)


def test_a_folder_needs_one_fold(tmp_path, model):
    with pytest.raises(RunError, match="found 0"):
        weights_file(tmp_path)
    for fold in (0, 1):
        write_model(tmp_path, fold, model)
    with pytest.raises(RunError, match="found 2"):
        weights_file(tmp_path)


def test_tensors_of_equal_name_and_shape_are_taken_over_and_no_other():
    small, large = (nn.Sequential(nn.Linear(4, 3), nn.Linear(3, outputs)) for outputs in (2, 5))
    head = large[1].weight.detach().clone()
    assert take_over(large, small.state_dict()) == (2, 4)
    assert torch.equal(large[0].weight, small[0].weight)
    assert torch.equal(large[1].weight, head)
