"""The browser reads the blocks that this side writes: both are held to the same examples."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest

from backend.config.env import ROOT
from backend.imaging.chunks import CODEC, decode_block, encode_block

FIXTURE = ROOT / "frontend" / "src" / "viewer" / "fixtures" / "blocks.json"
CASES = json.loads(FIXTURE.read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_block_that_the_browser_is_tested_with_is_ours(case) -> None:
    pixels = np.array(case["pixels"], dtype=np.int16).reshape(case["shape"])
    block = base64.b64decode(case["block"])
    np.testing.assert_array_equal(decode_block(block, case["codec"], pixels.shape[1:]), pixels)
    if case["codec"] == CODEC:  # deflate may take other bytes for the same ones on another processor
        assert zlib.decompress(encode_block(pixels), wbits=31) == zlib.decompress(block, wbits=31)


def test_what_is_written_today_is_among_the_examples() -> None:
    assert CODEC in {case["codec"] for case in CASES}
