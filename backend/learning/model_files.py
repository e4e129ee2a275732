"""A model as one zip, laid out as nnU-Net's own export: its command installs it, and so does another Ninefold."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import IO, Any

from backend.core.errors import Conflict
from backend.learning import places
from backend.learning.models import ModelVersion


def file_name(model: ModelVersion) -> str:
    """What the zip is called."""
    return f"{model.project.slug}-model-{model.number}.zip"


def write_zip(model: ModelVersion, out: IO[bytes]) -> None:
    """Write the model's files and a card of where it comes from. Raises Conflict when they are not all there."""
    folder = places.model_folder(model.folder)
    files = [*(folder / name for name in ("plans.json", "dataset.json")), *_weights(model, folder)]
    rules = folder / "postprocessing.json"
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise Conflict(f"{missing[0]} of model {model.number} is missing: restore the run folder from a backup.")
    plans = json.loads((folder / "plans.json").read_bytes())
    inside = Path(f"Dataset{model.project_id % 1000:03d}_{model.project.slug}", _trainer_folder(model, plans))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # weights do not shrink
        for path in [*files, *([rules] if rules.is_file() else [])]:
            archive.write(path, inside / path.relative_to(folder))
        archive.writestr(str(inside / "model_card.json"), json.dumps(card(model), indent=2))


def card(model: ModelVersion) -> dict[str, Any]:
    """Where a model comes from, for whoever gets its file."""
    turn = model.round
    return {
        "model": model.number,
        "project": model.project.slug,
        "made": model.created_at.isoformat(),
        "round": turn.number,
        "preset": turn.preset,
        "settings": turn.settings,
        "source": turn.source.get("name"),
        "snapshot": {"number": turn.snapshot.number, "sha256": turn.snapshot.sha256} if turn.snapshot else None,
        "parent": {"model": model.parent.number, "weights_sha256": model.parent.weights_sha256}
        if model.parent
        else None,
        "channels": model.channels,
        "training_cases": model.training_cases,
        "weights_sha256": model.weights_sha256,
        "result": model.result,
    }


def _weights(model: ModelVersion, folder: Path) -> list[Path]:
    names = model.result.get("weights")
    return [folder / name for name in names] if names else sorted(folder.glob("fold_*/checkpoint_final.pth"))


def _trainer_folder(model: ModelVersion, plans: dict[str, Any]) -> str:
    configuration = model.result.get("configuration", "2d")
    return f"nnUNetTrainer__{plans.get('plans_name', 'nnUNetPlans')}__{configuration}"
