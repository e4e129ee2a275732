"""What a run's process leaves behind, written as it writes it, for tests of what the platform makes of it."""

from __future__ import annotations

import hashlib

from backend.annotation.models import Revision, Task
from backend.exports.channels import channels_from_json
from backend.learning import gateway, jobs, places
from backend.learning.models import Run
from backend.learning.states import RunKind, RunState
from ml.contracts import CasePrediction, PredictResult, TrainResult, to_json
from ml.volumes import write_nifti


def leave_model(run: Run, content: bytes = b"weights") -> None:
    folder = places.out_folder(run.pk) / "model" / "fold_0"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint_final.pth").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    weights = {"fold_0/checkpoint_final.pth": digest}
    result = TrainResult("model", weights, digest, len(content), 2, 2, {}, 1.0, "cpu", "2d")
    (places.out_folder(run.pk) / "result.json").write_text(to_json(result))


def leave_masks(run: Run, labels_of) -> None:
    """labels_of: labels (Z, Y, X) by (case id, volume)."""
    out = places.out_folder(run.pk)
    (out / "masks").mkdir(parents=True, exist_ok=True)
    cases = []
    for case_id, volume in cases_of(run):
        name = f"masks/{case_id}.nii.gz"
        write_nifti(out / name, labels_of(case_id, volume), volume.geometry)
        cases.append(CasePrediction(case_id, name, 0.5, 0.2, (0.2,) * volume.size_z))
    (out / "result.json").write_text(to_json(PredictResult(tuple(cases), 1.0, "cpu")))


def cases_of(run: Run):
    """Case ids of the run's order with their volumes."""
    for case in run.spec["cases"]:
        kind, _, number = case["case_id"].partition("-")
        row = Task.objects.get(pk=number) if kind == "task" else Revision.objects.get(pk=number).task
        yield case["case_id"], row.volume


def carry_out(turn, *, weights: bytes, benchmark_labels=None, draft_labels=None) -> None:
    """Take a round through all its runs; jobs are the real ones, only the processes' work is written by hand."""
    while (run := turn.runs.exclude(state__in=["done", "failed", "cancelled"]).first()) is not None:
        jobs.prepare_run(run.pk)
        run.refresh_from_db()
        if run.state != RunState.QUEUED:
            break
        if run.kind == RunKind.TRAIN:
            leave_model(run, weights)
        else:
            leave_masks(run, benchmark_labels if run.kind == RunKind.SCORE else draft_labels)
        assert gateway.has_result(run)
        Run.objects.filter(pk=run.pk).update(state=RunState.COLLECTING, attempt=0)
        jobs.collect_run(run.pk)
        run.refresh_from_db()
        if run.state == RunState.FAILED:
            break
    turn.refresh_from_db()


def channel_names(model) -> list[str]:
    return [channel.name for channel in channels_from_json(model.channels)]
