"""Models from elsewhere: what stock nnU-Net writes is taken, what would do harm is refused unread."""

import io
import json
import stat
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import torch

from ml.contracts import AdoptSpec, joint_sha256
from ml.nnunet.adopt import adopt
from ml.nnunet.archives import Archive
from ml.nnunet.errors import RunError
from ml.nnunet.files import sha256_of
from ml.nnunet.model import read_model
from ml.nnunet.running import StopFlag

pytestmark = pytest.mark.slow
FOLDER = "Dataset042_breast/nnUNetTrainer__nnUNetPlans__2d"


def ignore(_) -> None: ...


def take(path: Path, out: Path, **wishes):
    return adopt(AdoptSpec(str(path), **wishes), out, ignore, StopFlag())


def stock_checkpoint(trained, **changes) -> bytes:
    """What nnU-Net's own trainer saves: the weights, and a log of numpy numbers beside them."""
    weights = torch.load(trained.model_dir / next(iter(trained.result.weights)), weights_only=True)
    content = weights | {
        "optimizer_state": {"state": {}, "param_groups": [{"lr": 0.01}]},
        "logging": {"mean_fg_dice": [np.float64(0.5), np.float32(0.25)], "lrs": [0.01]},
        "_best_ema": np.float64(0.4),
        "current_epoch": 2,
    }
    stream = io.BytesIO()
    torch.save(content | changes, stream)
    return stream.getvalue()


def members(trained, **changes) -> dict[str, bytes]:
    texts = {name: (trained.model_dir / name).read_bytes() for name in ("plans.json", "dataset.json")}
    return {
        f"{FOLDER}/plans.json": texts["plans.json"],
        f"{FOLDER}/dataset.json": texts["dataset.json"],
        f"{FOLDER}/fold_0/checkpoint_final.pth": stock_checkpoint(trained),
        f"{FOLDER}/fold_0/progress.png": b"a picture",
    } | changes


def write(path: Path, content: dict[str, bytes | None]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            if data is not None:
                archive.writestr(name, data)
    return path


def test_a_stock_model_is_taken_with_its_weights_alone(trained, tmp_path):
    path = write(tmp_path / "model.zip", members(trained))
    result = take(path, tmp_path / "out", archive_sha256=sha256_of(path))
    assert result.labels == {"gland": 1, "lesion": 2, "heart": 3}
    assert result.channels == ("phase0", "phase1")
    assert (result.configuration, result.trainer) == ("2d", "nnUNetTrainer")
    model = read_model(tmp_path / "out" / "model", sha256=result.weights_sha256)
    own = read_model(trained.model_dir, sha256=trained.result.weights_sha256)
    assert all(torch.equal(model.folds[0][name], tensor) for name, tensor in own.folds[0].items())
    left = sorted(
        str(p.relative_to(tmp_path / "out" / "model")) for p in (tmp_path / "out" / "model").rglob("*") if p.is_file()
    )
    assert left == ["dataset.json", "fold_0/checkpoint_final.pth", "plans.json"]


def test_folds_come_together_and_the_last_weights_go_before_the_best(trained, tmp_path):
    best = stock_checkpoint(trained, network_weights={"x": torch.zeros(1)})
    more = {
        f"{FOLDER}/fold_0/checkpoint_best.pth": best,
        f"{FOLDER}/fold_3/checkpoint_best.pth": stock_checkpoint(trained),
    }
    result = take(write(tmp_path / "model.zip", members(trained, **more)), tmp_path / "out")
    assert sorted(result.weights) == ["fold_0/checkpoint_final.pth", "fold_3/checkpoint_final.pth"]
    assert result.weights_sha256 == joint_sha256(result.weights)


def test_one_configuration_of_several_is_taken_by_name(trained, tmp_path):
    other = {name.replace("__2d", "__3d_fullres"): data for name, data in members(trained).items()}
    path = write(tmp_path / "model.zip", members(trained) | other)
    with pytest.raises(RunError, match="say which configuration"):
        take(path, tmp_path / "out")
    assert take(path, tmp_path / "out", configuration="2d").configuration == "2d"


class Payload:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_a_checkpoint_that_would_run_code_is_not_loaded(trained, tmp_path):
    mark = tmp_path / "the file ran code"
    changes = {f"{FOLDER}/fold_0/checkpoint_final.pth": stock_checkpoint(trained, extra=Payload(mark))}
    with pytest.raises(RunError, match="can run code"):
        take(write(tmp_path / "model.zip", members(trained, **changes)), tmp_path / "out")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        ("network_class_name", "subprocess.Popen", "not one of nnU-Net's"),
        ("network_class_name", "dynamic_network_architectures.architectures.unet.os", "not one of nnU-Net's"),
        ("norm_op", "os.system", "no part of a network"),
        ("nonlin", "torch.nn.Module; import os", "no part of a network"),
    ],
)
def test_a_plan_that_names_a_class_of_its_own_choice_is_refused(trained, tmp_path, setting, value, complaint):
    plans = json.loads((trained.model_dir / "plans.json").read_text())
    architecture = plans["configurations"]["2d"]["architecture"]
    if setting == "network_class_name":
        architecture[setting] = value
    else:
        architecture["arch_kwargs"][setting] = value
        assert setting in architecture["_kw_requires_import"]
    with pytest.raises(RunError, match=complaint):
        take(
            write(tmp_path / "m.zip", members(trained, **{f"{FOLDER}/plans.json": json.dumps(plans).encode()})),
            tmp_path / "out",
        )


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({f"{FOLDER}/plans.json": None}, "needs one folder"),
        ({f"{FOLDER}/plans.json": b"{"}, "not JSON"),
        ({f"{FOLDER}/dataset.json": b"[]"}, "no JSON object"),
        ({f"{FOLDER}/dataset.json": b'{"channel_names": {"0": "a"}}'}, "lacks what nnU-Net v2 writes"),
        (
            {f"{FOLDER}/dataset.json": b'{"labels": {"background": 0, "whole": [1, 2]}, "channel_names": {"0": "a"}}'},
            "regions instead of labels",
        ),
        ({f"{FOLDER}/fold_0/checkpoint_final.pth": b"not weights"}, "is not loaded"),
        ({f"{FOLDER}/fold_0/checkpoint_final.pth": None}, "needs one folder"),
        ({"../../etc/cron.d/job": b"x"}, "made to do harm"),
        ({"/etc/passwd": b"x"}, "made to do harm"),
        ({"C:\\windows": b"x"}, "made to do harm"),
        ({f"{FOLDER}/bomb": bytes(50_000_000)}, "grows 200 times"),
    ],
)
def test_what_is_wrong_is_named(trained, tmp_path, changes, complaint):
    with pytest.raises(RunError, match=complaint):
        take(write(tmp_path / "model.zip", members(trained) | changes), tmp_path / "out")
    assert not (tmp_path / "out" / "model").exists()


def test_weights_of_another_network_are_refused(trained, tmp_path):
    description = json.loads((trained.model_dir / "dataset.json").read_text())
    description["channel_names"] = {"0": "phase0"}
    changes = {f"{FOLDER}/dataset.json": json.dumps(description).encode()}
    with pytest.raises(RunError, match="do not fit the network of the plan"):
        take(write(tmp_path / "model.zip", members(trained, **changes)), tmp_path / "out")


def test_a_file_of_another_hash_is_refused(trained, tmp_path):
    path = write(tmp_path / "model.zip", members(trained))
    with pytest.raises(RunError, match="damaged or changed on the way"):
        take(path, tmp_path / "out", archive_sha256="0" * 64)


def test_a_link_an_encrypted_member_and_a_damaged_one_are_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(RunError, match="a link or a device"):
        Archive(tmp_path / "link.zip")

    content = write(tmp_path / "plain.zip", {"a": b"hello hello"}).read_bytes()
    encrypted = bytearray(content)
    encrypted[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(bytes(encrypted))
    with pytest.raises(RunError, match="encrypted"):
        Archive(tmp_path / "locked.zip")

    damaged = bytearray(content)
    damaged[content.index(b"a") + 3] ^= 0xFF
    (tmp_path / "damaged.zip").write_bytes(bytes(damaged))
    with pytest.raises(RunError, match="send the file again"):
        Archive(tmp_path / "damaged.zip").read(PurePosixPath("a"))

    (tmp_path / "no.zip").write_bytes(b"not a zip")
    with pytest.raises(RunError, match="no zip file"):
        Archive(tmp_path / "no.zip")
