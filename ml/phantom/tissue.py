"""Tissues: which label each one carries, how bright it is before contrast and how it takes contrast up.

T1 at 3 T: fat 423 ms and fibroglandular tissue 1680 ms (Edden et al., J Magn Reson Imaging 2010;32:982);
liver 809, spleen 1328, muscle 898, marrow 586 ms
("MR imaging relaxation times of abdominal and pelvic tissues measured in vivo at 3.0 T", Radiology, March 2004);
blood 1660 and myocardium 1220 ms (J Magn Reson Imaging 2006;23:323, Gd-DTPA-BMA on blood and myocardium).
Relaxivity of gadobutrol in plasma at 3 T: 4.97 L/(mmol s) (Szomolanyi et al., Invest Radiol 2019;54:559).
Every other T1, all proton weights and all uptake figures are chosen by eye against clinical pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

REPETITION_TIME_MS = 4.12
ECHO_TIME_MS = 1.39
FLIP_ANGLE_DEG = 12.0
RELAXIVITY_L_PER_MMOL_S = 4.97
_SIGNAL_SCALE = 4_600.0


class Label(IntEnum):
    """Values of the nine-label truth."""

    BACKGROUND = 0
    GLAND = 1
    VESSEL = 2
    MUSCLE = 3
    BONE = 4
    LESION = 5
    NODE = 6
    HEART = 7
    LIVER = 8
    IMPLANT = 9


@dataclass(frozen=True)
class Uptake:
    """Contrast concentration over time, A (1 - exp(-a t)) exp(-b t), chosen for its shape.

    peak_mmol_l: A in mmol/L. wash_in_per_s: a. wash_out_per_s: b; negative keeps rising.
    """

    peak_mmol_l: float = 0.0
    wash_in_per_s: float = 0.02
    wash_out_per_s: float = 0.0

    def concentration_mmol_l(self, seconds: float) -> float:
        """Concentration in mmol/L, `seconds` after the injection; 0 before it."""
        if seconds <= 0:
            return 0.0
        return float(
            self.peak_mmol_l * -np.expm1(-self.wash_in_per_s * seconds) * np.exp(-self.wash_out_per_s * seconds)
        )


@dataclass(frozen=True)
class Tissue:
    """One material. fat: its signal sits in the fat resonance, which fat saturation suppresses."""

    label: Label
    t1_ms: float
    proton: float
    uptake: Uptake = Uptake()
    fat: bool = False

    def signal(self, seconds: float) -> float:
        """Signal at a time after the injection; negative times are before it."""
        rate_per_s = 1000.0 / self.t1_ms + RELAXIVITY_L_PER_MMOL_S * self.uptake.concentration_mmol_l(seconds)
        return _SIGNAL_SCALE * self.proton * spoiled_echo(1000.0 / rate_per_s)


def spoiled_echo(t1_ms: float) -> float:
    """Steady-state signal of a spoiled gradient echo, sin(f)(1 - E)/(1 - cos(f) E) with E = exp(-TR/T1) (Ernst)."""
    flip = np.deg2rad(FLIP_ANGLE_DEG)
    decay = np.exp(-REPETITION_TIME_MS / t1_ms)
    return float(np.sin(flip) * (1.0 - decay) / (1.0 - np.cos(flip) * decay))


AIR = Tissue(Label.BACKGROUND, 1000.0, 0.0)
FAT = Tissue(Label.BACKGROUND, 423.0, 0.20, fat=True)
SKIN = Tissue(Label.BACKGROUND, 900.0, 1.0, Uptake(0.10, 0.015))
MEMBRANE = Tissue(Label.BACKGROUND, 1100.0, 0.45)
MUSCLE = Tissue(Label.MUSCLE, 898.0, 0.47, Uptake(0.07, 0.02, 0.0004))
MARROW = Tissue(Label.BONE, 586.0, 0.28, Uptake(0.03, 0.02))
CARTILAGE = Tissue(Label.BONE, 1000.0, 0.75)
LUNG = Tissue(Label.BACKGROUND, 1300.0, 0.14, Uptake(0.35, 0.05, 0.001))
MEDIASTINUM = Tissue(Label.BACKGROUND, 423.0, 0.14, fat=True)
MYOCARDIUM = Tissue(Label.HEART, 1220.0, 0.62, Uptake(0.46, 0.04, 0.0012))
HEART_BLOOD = Tissue(Label.HEART, 1660.0, 0.72, Uptake(0.95, 0.1, 0.0022))
BLOOD = Tissue(Label.VESSEL, 1660.0, 0.75, Uptake(1.0, 0.1, 0.0022))
BREAST_VESSEL = Tissue(Label.VESSEL, 1660.0, 1.15, Uptake(1.1, 0.06, 0.0016))
LUNG_VESSEL = Tissue(Label.VESSEL, 1660.0, 0.70, Uptake(0.9, 0.1, 0.0022))
LIVER = Tissue(Label.LIVER, 809.0, 0.85, Uptake(0.26, 0.03, 0.0011))
SPLEEN = Tissue(Label.BACKGROUND, 1328.0, 0.75, Uptake(0.5, 0.06, 0.0018))
STOMACH = Tissue(Label.BACKGROUND, 1500.0, 0.22)
NODE = Tissue(Label.NODE, 1300.0, 1.0, Uptake(0.55, 0.03, 0.0013))
IMPLANT = Tissue(Label.IMPLANT, 1500.0, 0.16)
DUCT = Tissue(Label.GLAND, 1680.0, 1.20, Uptake(0.10, 0.01))
