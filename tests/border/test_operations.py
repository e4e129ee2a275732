"""What the browser's operations are tested with is what scipy and SimpleITK give."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.border.operation_cases import FIXTURE, document, unpacked

WRITTEN = json.loads(FIXTURE.read_text())
NOW = document()


def test_the_fixture_has_every_case() -> None:
    assert [case["name"] for case in WRITTEN["cases"]] == [case["name"] for case in NOW["cases"]]


@pytest.mark.parametrize("number", range(len(NOW["cases"])), ids=[case["name"] for case in NOW["cases"]])
def test_the_fixture_holds_what_the_referee_gives(number: int) -> None:
    written, now = WRITTEN["cases"][number], NOW["cases"][number]
    assert written["operation"] == json.loads(json.dumps(now["operation"]))
    for key in ("labels", "after"):
        np.testing.assert_array_equal(unpacked(WRITTEN["volumes"][written[key]]), unpacked(NOW["volumes"][now[key]]))
