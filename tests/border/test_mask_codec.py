"""The browser's codec and ours speak one language: what its tests read is what this one writes."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from backend.config.env import ROOT
from ml.labelmaps import decode_slice, encode_slice, pack_bundle, unpack_bundle

FIXTURE = ROOT / "frontend" / "src" / "annotate" / "fixtures" / "bmm1.json"
CASES = json.loads(FIXTURE.read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_bundle_that_the_browser_is_tested_with_is_ours(case) -> None:
    labels = {int(index): _labels(stretches) for index, stretches in case["slices"].items()}
    bundle = base64.b64decode(case["bundle"])
    assert pack_bundle({index: encode_slice(slice_yx) for index, slice_yx in labels.items()}) == bundle
    read = {index: decode_slice(runs, (1, case["size"])) for index, runs in unpack_bundle(bundle).items()}
    assert read.keys() == labels.keys()
    assert all(np.array_equal(read[index], labels[index]) for index in labels)


def _labels(stretches: list[list[int]]) -> np.ndarray:
    values, lengths = np.array(stretches).T
    return np.repeat(values.astype(np.uint8), lengths)[np.newaxis]
