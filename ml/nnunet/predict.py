"""Draft masks for many cases with one warm network, and say how unsure it was of each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from nnunetv2.imageio.simpleitk_reader_writer import SimpleITKIO
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
from numpy.typing import NDArray

from ml.contracts import (
    Case,
    CaseFeatures,
    CaseMeasures,
    CasePrediction,
    LabelMeasure,
    PredictResult,
    PredictSpec,
    Progress,
    from_json,
    to_json,
    vector_to_text,
)
from ml.labelmaps import LabelArray
from ml.nnunet.environment import open_device
from ml.nnunet.errors import RunError
from ml.nnunet.files import aside, write_text
from ml.nnunet.looking import Look, Looker
from ml.nnunet.model import StoredModel, Weights, read_model
from ml.nnunet.postprocessing import Rule, apply_rules, read_rules
from ml.nnunet.preparation import read_channels
from ml.nnunet.running import WORK, Pace, Report, StopFlag
from ml.nnunet.versions import versions
from ml.query.doubt_map import coarse, packed
from ml.query.measures import Gathering, Measures
from ml.query.uncertainty import Floats

_BEGUN = 0.02


@dataclass(frozen=True)
class _Prepared:
    """A case as the network takes it: tensor (C, Z, Y, X) and nnU-Net's notes on how it came about."""

    case: Case
    tensor: torch.Tensor
    properties: dict[str, Any]


@dataclass(frozen=True)
class Drafted:
    """Label map and normalised entropy (Z, Y, X) on the case's own grid, and what they say of the case."""

    mask: LabelArray
    entropy: Floats
    measures: Measures
    voxel_ml: float


class WarmPredictor:
    """nnU-Net's predictor, loaded once. Masks equal those of nnU-Net's own command.

    gammas: of the views that are compared, see `ml.contracts.PredictSpec`.
    """

    def __init__(
        self, model: StoredModel, device: torch.device, stop: StopFlag, gammas: tuple[float, ...] = ()
    ) -> None:
        self.plans = PlansManager(model.plans)
        self.configuration = self.plans.get_configuration(model.configuration)
        self.labels = self.plans.get_label_manager(model.description)
        self.description = model.description
        self.channels = tuple(str(name) for name in model.description["channel_names"].values())
        self._stop = stop
        self._preprocessor = self.configuration.preprocessor_class(verbose=False)
        self._predictor = nnUNetPredictor(device=device, allow_tqdm=False)
        self._looker = Looker(
            [self._network(model, weights, stop) for weights in model.folds.values()],
            self.configuration.patch_size,
            device,
            stop,
            mirror_axes=model.mirroring_axes or (),
            gammas=gammas,
        )
        self._predictor.manual_initialization(
            self._network(model, next(iter(model.folds.values())), stop),
            self.plans,
            self.configuration,
            list(model.folds.values()),
            model.description,
            nnUNetTrainer.__name__,
            model.mirroring_axes,
        )

    def prepare(self, case: Case) -> _Prepared:
        """Read and preprocess a case. Raises RunError when its channels are not those of the model."""
        self._stop.check()
        if len(case.channel_files) != len(self.channels):
            wanted = f"{len(self.channels)} ({', '.join(self.channels)})"
            raise RunError(
                f"Case {case.case_id} has {len(case.channel_files)} channel files, the model needs {wanted}."
            )
        files = tuple(Path(name) for name in case.channel_files)
        absent = [path for path in files if not path.is_file()]
        if absent:
            raise RunError(f"Case {case.case_id}: {absent[0]} is missing; write the channels again.")
        array, properties = read_channels(case.case_id, files)
        tensor, _, properties = self._preprocessor.run_case_npy(
            array, None, properties, self.plans, self.configuration, self.description
        )
        return _Prepared(case, torch.from_numpy(tensor), properties)

    def predict(self, prepared: _Prepared) -> Drafted:
        """The draft of a case.

        As `convert_predicted_logits_to_segmentation_with_correct_shape`, in the caller's number of threads, and without
        the second pass through the network that nnU-Net 2.8.1 makes for a single array.
        """
        logits = self._to_own_spacing(self._predictor.predict_logits_from_preprocessed_data(prepared.tensor), prepared)
        segmentation = np.asarray(self.labels.convert_logits_to_segmentation(logits)).astype(np.uint8)
        gathering = Gathering(logits.shape[0])
        slices = [
            gathering.add(self._probabilities(logits[:, z]), segmentation[z]) for z in range(logits.shape[1])
        ]  # slice by slice: all probabilities of a large case do not fit beside its logits
        return Drafted(
            mask=self._to_own_grid(segmentation, prepared),
            entropy=self._to_own_grid(np.stack(slices), prepared),
            measures=gathering.measures(),
            voxel_ml=float(np.prod(prepared.properties["spacing"])) / 1000,
        )

    def look(self, prepared: _Prepared, *, features_only: bool = False) -> Look:
        """What the encoder makes of a case, and how far views of it disagree."""
        return self._looker.look(prepared.tensor, features_only=features_only)

    def _to_own_spacing(self, logits: torch.Tensor, prepared: _Prepared) -> Any:
        spacing = [prepared.properties["spacing"][axis] for axis in self.plans.transpose_forward]
        shape = prepared.properties["shape_after_cropping_and_before_resampling"]
        planned = list(self.configuration.spacing)
        current = planned if len(planned) == len(shape) else [spacing[0], *planned]
        return self.configuration.resampling_fn_probabilities(logits, shape, current, spacing)

    def _to_own_grid(self, cropped: NDArray[Any], prepared: _Prepared) -> NDArray[Any]:
        whole = np.zeros(prepared.properties["shape_before_cropping"], dtype=cropped.dtype)
        box = tuple(slice(low, high) for low, high in prepared.properties["bbox_used_for_cropping"])
        whole[box] = cropped
        return whole.transpose(self.plans.transpose_backward)

    def _probabilities(self, logits: Any) -> NDArray[np.float32]:
        return np.asarray(self.labels.apply_inference_nonlin(logits), dtype=np.float32)

    def _network(self, model: StoredModel, weights: Weights, stop: StopFlag) -> torch.nn.Module:
        network: torch.nn.Module = nnUNetTrainer.build_network_architecture(
            self.plans,
            self.configuration,
            determine_num_input_channels(self.plans, self.configuration, model.description),
            self.labels.num_segmentation_heads,
            enable_deep_supervision=False,
        )
        network.load_state_dict(weights)
        # a large volume takes minutes on a CPU: a stop is looked for before every patch
        network.register_forward_pre_hook(lambda *_: stop.check())
        return network


def predict(spec: PredictSpec, out: Path, report: Report, stop: StopFlag) -> PredictResult:
    """Write `out/masks/<case_id>.nii.gz` for every case that an earlier attempt has not, and its doubt beside it.

    Masks are those of nnU-Net, with the postprocessing rules of the model folder, if it has any, carried out on them.

    Raises RunError for a model, device or case that cannot be used, Stopped between two patches.
    """
    began = time.monotonic()
    report(Progress("prepare", 0.0, "Loading the model"))
    device = open_device(spec.device)
    model = read_model(Path(spec.model_dir), sha256=spec.model_sha256)
    predictor = WarmPredictor(model, device, stop, spec.gammas)
    rules = read_rules(Path(spec.model_dir))
    done = {case.case_id: found for case in spec.cases if (found := _drafted(out, case)) is not None}
    pace = Pace(len(spec.cases), skipped=len(done))
    for prepared in _ahead(predictor, tuple(case for case in spec.cases if case.case_id not in done)):
        case_id = prepared.case.case_id
        done[case_id] = _draft(predictor, prepared, rules, out)
        fraction = _BEGUN + (0.99 - _BEGUN) * pace.fraction(len(done))
        message = f"Drafted {len(done)} of {len(spec.cases)} cases"
        report(Progress("predict", round(fraction, 4), message, pace.seconds_left(len(done)), case_id=case_id))
    in_order = tuple(done[case.case_id] for case in spec.cases)
    looked_at = _look_at(predictor, spec, report)
    return PredictResult(in_order, round(time.monotonic() - began, 2), spec.device, versions(), looked_at)


def _look_at(predictor: WarmPredictor, spec: PredictSpec, report: Report) -> tuple[CaseFeatures, ...]:
    found = []
    for prepared in _ahead(predictor, spec.look_at):
        features = predictor.look(prepared, features_only=True).features
        found.append(CaseFeatures(prepared.case.case_id, vector_to_text(features)))
        report(Progress("predict", 0.99, f"Looked at {len(found)} of {len(spec.look_at)} labelled cases"))
    return tuple(found)


def _ahead(predictor: WarmPredictor, cases: tuple[Case, ...]) -> Iterator[_Prepared]:
    """Prepared cases in order; the next one is read while the network works on the last."""
    with ThreadPoolExecutor(1) as executor:
        waiting = [executor.submit(predictor.prepare, case) for case in cases[:1]]
        for following in (*cases[1:], None):
            if not waiting:
                return
            prepared = waiting.pop().result()
            if following is not None:
                waiting.append(executor.submit(predictor.prepare, following))
            yield prepared


def _draft(predictor: WarmPredictor, prepared: _Prepared, rules: Mapping[int, Rule], out: Path) -> CasePrediction:
    start = time.monotonic()
    draft = predictor.predict(prepared)
    look = predictor.look(prepared)
    path = out / "masks" / f"{prepared.case.case_id}.nii.gz"
    with aside(path) as part:
        mask = apply_rules(draft.mask, rules, tuple(prepared.properties["spacing"]))
        SimpleITKIO().write_seg(mask, str(part), prepared.properties)
    doubt_map = out / "doubt" / f"{prepared.case.case_id}.npy.gz"
    with aside(doubt_map) as part:
        part.write_bytes(packed(coarse(draft.entropy)))
    per_slice = tuple(round(float(value), 6) for value in draft.entropy.mean(axis=(1, 2)))
    drafted = CasePrediction(
        case_id=prepared.case.case_id,
        mask_file=str(path.relative_to(out)),
        seconds=round(time.monotonic() - start, 3),
        entropy=round(float(draft.entropy.mean()), 6),
        slice_entropy=per_slice,
        measures=_told(draft, look),
        doubt_map_file=str(doubt_map.relative_to(out)),
        features=vector_to_text(look.features),
    )
    write_text(_note(out, prepared.case), to_json(drafted))
    return drafted


def _told(draft: Drafted, look: Look) -> CaseMeasures:
    measures = draft.measures
    labels = zip(measures.label_doubt.tolist(), measures.label_voxels.tolist(), strict=True)
    return CaseMeasures(
        entropy=round(measures.entropy, 6),
        margin=round(measures.margin, 6),
        foreground=round(float(measures.label_voxels.sum() / draft.mask.size), 6),
        disagreement=None if look.disagreement is None else round(look.disagreement, 6),
        labels=tuple(
            LabelMeasure(value, round(doubt, 6), round(voxels * draft.voxel_ml, 4))
            for value, (doubt, voxels) in enumerate(labels, start=1)
        ),
    )


def _drafted(out: Path, case: Case) -> CasePrediction | None:
    """What an earlier attempt wrote about a case, after its mask; None when it has not come so far."""
    note = _note(out, case)
    return from_json(CasePrediction, note.read_text(encoding="utf-8")) if note.is_file() else None


def _note(out: Path, case: Case) -> Path:
    return out / WORK / f"{case.case_id}.json"
