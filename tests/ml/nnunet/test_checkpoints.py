"""Only a checkpoint that is what was read back counts."""

import numpy as np
import pytest
import torch

from ml.nnunet import randomness
from ml.nnunet.checkpoints import KEPT, Checkpoints


@pytest.fixture
def checkpoints(tmp_path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints")


def state(number: int) -> dict:
    return {"epoch": number, "weights": torch.full((100,), float(number)), "nested": {"losses": [0.5, number]}}


def test_what_was_saved_comes_back(checkpoints):
    checkpoints.save(state(7), step=1)
    back = checkpoints.newest()
    assert back["epoch"] == 7
    assert torch.equal(back["weights"], state(7)["weights"])
    assert back["nested"] == state(7)["nested"]


def test_no_checkpoint_is_none(checkpoints):
    assert checkpoints.newest() is None


def test_the_newest_two_are_kept(checkpoints):
    for step in (5, 40, 300, 2_000):
        checkpoints.save(state(step), step=step)
    names = sorted(path.name for path in checkpoints.folder.iterdir())
    assert len([name for name in names if name.endswith(".pth")]) == KEPT
    assert names == [f"step_{step:09d}.{ending}" for step in (300, 2_000) for ending in ("pth", "sha256")]
    assert checkpoints.newest()["epoch"] == 2_000


def cut(path):
    path.write_bytes(path.read_bytes()[:-50])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def unseal(path):
    path.with_suffix(".sha256").unlink()


def lose(path):
    path.unlink()


@pytest.mark.parametrize("damage", [cut, flip, unseal, lose])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(checkpoints, damage):
    checkpoints.save(state(1), step=1)
    damage(checkpoints.save(state(2), step=2))
    assert checkpoints.newest()["epoch"] == 1


def test_a_checkpoint_that_would_run_code_is_never_sealed(checkpoints):
    checkpoints.save(state(1), step=1)
    with pytest.raises(Exception, match="Weights only load failed"):
        checkpoints.save({"epoch": 2, "code": cut}, step=2)
    assert checkpoints.newest()["epoch"] == 1
    assert not list(checkpoints.folder.glob(".part-*"))


def test_saving_the_same_step_again_keeps_the_later_state(checkpoints):
    for number in (1, 2):
        checkpoints.save(state(number), step=9)
    assert checkpoints.newest()["epoch"] == 2


def test_random_numbers_go_on_where_they_were(checkpoints):
    def draw() -> list[float]:
        return [float(np.random.random()), float(np.random.normal()), float(torch.rand(1))]  # noqa: NPY002

    draw()
    checkpoints.save({"randomness": randomness.capture()}, step=1)
    expected = draw()
    draw()
    randomness.restore(checkpoints.newest()["randomness"])
    assert draw() == expected
