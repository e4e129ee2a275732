"""The colours are measured, with formulas written here from their papers."""

import itertools

import numpy as np
import pytest

from backend.annotation.labels import DEFAULT_LABELS

GROUND = "#141414"
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
# Machado, Oliveira, Fernandes 2009, severity 1.
EYES = {
    "normal": np.eye(3),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def linear(colour):
    encoded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    scaled = TO_XYZ @ rgb / np.array([0.95047, 1.0, 1.08883])
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one, two):
    """Sharma, Wu, Dalal 2005."""
    mean_chroma = (np.hypot(*one[1:]) + np.hypot(*two[1:])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7))
    a1, a2 = stretch * one[1], stretch * two[1]
    c1, c2 = np.hypot(a1, one[2]), np.hypot(a2, two[2])
    h1, h2 = np.degrees(np.arctan2(one[2], a1)) % 360, np.degrees(np.arctan2(two[2], a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    lightness, chroma = (one[0] + two[0]) / 2, (c1 + c2) / 2
    h = (h1 + turn / 2) % 360
    t = (
        1
        - 0.17 * np.cos(np.radians(h - 30))
        + 0.24 * np.cos(np.radians(2 * h))
        + 0.32 * np.cos(np.radians(3 * h + 6))
        - 0.2 * np.cos(np.radians(4 * h - 63))
    )
    s_l = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    rotation = np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    r_t = -2 * rotation * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    x, y, z = (two[0] - one[0]) / s_l, (c2 - c1) / s_c, hue / s_h
    return float(np.sqrt(x**2 + y**2 + z**2 + r_t * y * z))


def test_the_difference_formula_agrees_with_its_paper():
    """Pairs 1, 7 and 17 of the paper's table."""
    assert ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert ciede2000((50, 0, 0), (50, -1, 2)) == pytest.approx(2.3669, abs=1e-4)
    assert ciede2000((50, 2.5, 0), (73, 25, -18)) == pytest.approx(27.1492, abs=1e-4)


def test_there_are_nine_labels_from_1_with_names_of_their_own():
    assert [label.value for label in DEFAULT_LABELS] == list(range(1, 10))
    assert len({label.name for label in DEFAULT_LABELS}) == 9


@pytest.mark.parametrize("label", DEFAULT_LABELS, ids=lambda label: label.name)
def test_every_label_stands_out_from_the_dark_ground(label):
    """WCAG 2.2, 1.4.11: graphics need 3:1."""
    bright, dark = (float(TO_XYZ[1] @ linear(colour)) for colour in (label.colour, GROUND))
    assert (bright + 0.05) / (dark + 0.05) >= 3


@pytest.mark.parametrize("eye", EYES)
def test_any_two_labels_differ_for_every_eye(eye):
    seen = {label.name: lab(np.clip(EYES[eye] @ linear(label.colour), 0, 1)) for label in DEFAULT_LABELS}
    for one, two in itertools.combinations(seen, 2):
        assert ciede2000(seen[one], seen[two]) >= 15, (one, two)
