"""Integer label maps as segments."""

import numpy as np
import pytest

from backend.imaging.reading.output import Output
from backend.imaging.segments import Bitmaps, MaskRefused, from_labels


def read(labels, tmp_path, **options):
    options = {"names": {}, "source": "test", "instances_key": "k", "volume": 3} | options
    return from_labels(labels, out=Output(tmp_path), **options)


def test_each_value_becomes_a_segment_with_its_voxels(tmp_path):
    labels = np.random.default_rng(2).choice([0, 1, 7, 255, 300], (4, 5, 6)).astype(np.int16)
    mask = read(labels, tmp_path, names={7: "heart"}, algorithm="MANUAL")
    assert [(s.number, s.name, s.algorithm) for s in mask.segments] == [
        (1, "value 1", "MANUAL"),
        (7, "heart", "MANUAL"),
        (255, "value 255", "MANUAL"),
        (300, "value 300", "MANUAL"),
    ]
    assert [s.voxels for s in mask.segments] == [int((labels == n).sum()) for n in (1, 7, 255, 300)]
    assert (mask.volume, mask.series, mask.overlaps, mask.remarks) == (3, None, (), ())
    stored = Bitmaps.decode((tmp_path / mask.content).read_bytes(), labels.shape)
    for number in stored.numbers:
        for z in range(4):
            wanted = labels[z] == number
            assert (stored.plane(number, z) == wanted).all() if wanted.any() else z not in stored.planes[number]


def test_whole_numbers_in_floats_are_labels(tmp_path):
    labels = np.zeros((2, 3, 4), np.float32)
    labels[1, 2] = 3
    assert [(s.number, s.voxels) for s in read(labels, tmp_path).segments] == [(3, 4)]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.zeros((2, 3, 4), np.uint8), "is empty"),
        (np.full((2, 3, 4), 0.37), "not whole numbers"),
        (np.full((2, 3, 4), np.nan), "not whole numbers"),
        (np.full((2, 3, 4), -3, np.int16), "below 0, down to -3"),
        (np.full((2, 3, 4), 1j), "not numbers"),
        (np.ones((3, 4), np.uint8), "2 dimensions"),
        (np.arange(600).reshape(6, 10, 10), "599 segments; up to 254"),
    ],
)
def test_what_is_no_label_map_is_refused_by_name(labels, words, tmp_path):
    with pytest.raises(MaskRefused, match=words):
        read(labels, tmp_path)
