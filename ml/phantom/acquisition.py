"""What the scanner adds to the anatomy: coil sensitivity, imperfect fat saturation, motion, ghosts, blur and noise.

Noise is complex Gaussian in k-space, so magnitudes are Rician, and Rayleigh in air.
Levels, coil layout and motion are chosen by eye against clinical pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from ml.phantom.build import Build
from ml.phantom.fields import CoarseField, Field, Noise, coarse_axes, stream
from ml.phantom.size import Axes, Size

_COIL_STEP_MM = 8.0
_COIL_REACH_MM = 62.0
_SLICES_AT_ONCE = 8
_SAMPLED_SHARE = {Size.SMALL: 1.0, Size.FULL: 0.96}
_NOISE_LEVEL = {Size.SMALL: 2.6, Size.FULL: 6.2}


@dataclass(frozen=True)
class Timing:
    """Phase starts and injection in s after the start of the pre-contrast phase, and how long one phase takes."""

    starts_s: tuple[float, ...]
    duration_s: float
    injection_s: float

    @property
    def after_injection_s(self) -> tuple[float, ...]:
        """Time of the centre of k-space of each phase after the injection; negative before it."""
        return tuple(start + self.duration_s / 2 - self.injection_s for start in self.starts_s)


def make_timing(seed: int, phases: int) -> Timing:
    """One pre-contrast phase, a pause for the injection, then phases back to back."""
    rng = stream(seed, "timing")
    duration_s = round(float(rng.uniform(68.0, 105.0)), 2)
    pause_s = round(float(rng.uniform(26.0, 50.0)), 2)
    first_s = duration_s + pause_s
    starts = (0.0, *(round(first_s + n * duration_s, 2) for n in range(phases - 1)))
    return Timing(starts, duration_s, round(first_s - float(rng.uniform(12.0, 24.0)), 2))


def coil_sensitivity(build: Build, axes: Axes) -> CoarseField:
    """Receive profile of a breast coil: two rings of elements and a weak body part; about 1 within a breast."""
    coarse = coarse_axes(axes, _COIL_STEP_MM)
    z, y, x = np.meshgrid(coarse.z, coarse.y, coarse.x, indexing="ij")
    rng = stream(build.seed, "coil")
    squares = np.full(z.shape, 0.16**2)
    for breast in build.breasts:
        middle = float(breast.nipple_zyx[2])
        wide = breast.half_width_mm + 22.0
        for dz, dy, dx in ((0, 40, 1), (0, 40, -0.9), (58, 25, 0.5), (-62, 30, 0.4), (-62, 45, -0.5), (0, -14, 0)):
            away = (z - dz + 20.0) ** 2 + (y - breast.nipple_zyx[1] - dy) ** 2 + (x - middle - dx * wide) ** 2
            gain = float(rng.uniform(0.8, 1.25)) * (0.55 if dy < 0 else 1.0)
            squares = squares + (gain / (1.0 + away / _COIL_REACH_MM**2) ** 1.6) ** 2
    ends = np.clip((z - coarse.z[0]) / 26.0, 0.45, 1.0) * np.clip((coarse.z[-1] - z) / 22.0, 0.45, 1.0)
    return CoarseField(coarse, (1.35 * np.sqrt(squares) * ends).astype(np.float32))


def fat_residual(build: Build, axes: Axes) -> CoarseField:
    """Share of fat signal left by fat saturation: even in the breasts, failing in patches where the field bends."""
    coarse = coarse_axes(axes, _COIL_STEP_MM)
    z, y, x = (line.astype(np.float32) for line in np.meshgrid(coarse.z, coarse.y, coarse.x, indexing="ij"))
    rng = stream(build.seed, "fat saturation")
    drift = Noise(rng).at(np.stack([z.ravel(), y.ravel(), x.ravel()]), 130.0).reshape(z.shape)
    residual = build.fat_residual * (1.0 + 0.16 * drift)
    corners = [(-112.0, 20.0, 0.0), (-85.0, 5.0, 22.0), (-85.0, 5.0, -22.0), (30.0, 45.0, 150.0), (30.0, 45.0, -150.0)]
    for corner in corners:
        spot = np.array(corner) + rng.normal(0.0, 12.0, 3)
        away = ((z - spot[0]) / 30.0) ** 2 + ((y - spot[1]) / 26.0) ** 2 + ((x - spot[2]) / 30.0) ** 2
        residual = residual * (1.0 + float(rng.gamma(1.2, 0.8)) * np.exp(-away))
    return CoarseField(coarse, np.clip(residual, 0.3, 5.0).astype(np.float32))


class Scanner:
    """Turns noise-free slices into what the console shows. One per patient, so that phases share their settings."""

    def __init__(self, seed: int, size: Size, phases: int) -> None:
        rng = stream(seed, "scanner")
        self._size = size
        self._seed = seed
        self._noise = _NOISE_LEVEL[size] * float(rng.uniform(0.75, 1.2))
        self._ghost = float(rng.uniform(0.012, 0.035))
        self._ghost_step = float(rng.uniform(0.13, 0.24))
        self.gain = float(rng.uniform(0.85, 1.35))
        self._shift_mm = np.cumsum(stream(seed, "motion").normal(0.0, 0.22, (64, 2)), axis=0)[:phases]
        self._shift_mm -= self._shift_mm[0]
        self._shear = stream(seed, "shear").normal(0.0, 0.12, (64, 2))[:phases]
        self._shear[0] = 0.0

    def add_ghosts(self, signal: Field, beating: NDArray[np.bool_]) -> Field:
        """Add faint copies of the pulsating heart (Z, Y, X) along the phase-encoding direction, left to right."""
        heart = np.where(beating, signal, 0.0).astype(np.float32)
        width = signal.shape[-1]
        for order, share in ((1, 1.0), (2, 0.6), (3, 0.35)):
            step = int(order * self._ghost_step * width)
            for direction in (-step, step):
                signal = signal + np.float32(self._ghost * share) * np.roll(heart, direction, axis=-1)
        return signal

    def acquire(self, signal: Field, phase: int, first_slice: int) -> NDArray[np.int16]:
        """Magnitude (Z, Y, X) of noise-free slices, moved, band-limited and noisy. first_slice: index in the volume."""
        image = np.empty(signal.shape, dtype=np.int16)
        for start in range(0, signal.shape[0], _SLICES_AT_ONCE):
            part = slice(start, start + _SLICES_AT_ONCE)
            image[part] = self._slices(signal[part], phase, first_slice + start)
        return image

    def _slices(self, signal: Field, phase: int, first: int) -> NDArray[np.int16]:
        rows, columns = signal.shape[1:]
        rng = stream(self._seed, f"noise {self._size.value} {phase} {first}")
        space = fft.fft2(signal.astype(np.complex64), axes=(1, 2))
        space *= self._ramp(phase, first, signal.shape)
        space += self._kspace_noise(rng, signal.shape)
        space *= _window(rows, 1.0)[:, None] * _window(columns, _SAMPLED_SHARE[self._size])[None, :]
        magnitude = np.abs(fft.ifft2(space, axes=(1, 2))) * self.gain
        return np.asarray(np.rint(np.clip(magnitude, 0, 4095)), dtype=np.int16)

    def _kspace_noise(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.complex64]:
        level = np.float32(self._noise * np.sqrt(shape[1] * shape[2] / _SAMPLED_SHARE[self._size]))
        parts = rng.standard_normal((2, *shape), dtype=np.float32)
        return np.asarray(level * (parts[0] + 1j * parts[1]), dtype=np.complex64)

    def _ramp(self, phase: int, first: int, shape: tuple[int, ...]) -> NDArray[np.complex64]:
        """Phase factors that shift each slice in the plane, a little differently from slice to slice."""
        depth_zyx, spacing = self._size.shape_zyx, self._size.spacing_zyx_mm
        height = (first + np.arange(shape[0])) / depth_zyx[0] * 2.0 - 1.0
        shift = self._shift_mm[phase] + self._shear[phase] * height[:, None]
        y = np.exp(-2j * np.pi * np.outer(shift[:, 0] / spacing[1], fft.fftfreq(shape[1])))
        x = np.exp(-2j * np.pi * np.outer(shift[:, 1] / spacing[2], fft.fftfreq(shape[2])))
        return np.asarray(y[:, :, None] * x[:, None, :], dtype=np.complex64)


def _window(count: int, sampled: float) -> Field:
    """Which spatial frequencies are sampled, in FFT order, with a short cosine edge that tames ringing."""
    frequency = np.abs(fft.fftfreq(count)) * 2.0 / sampled
    edge = np.clip((1.0 - frequency) / 0.35, 0.0, 1.0)
    shape = np.sin(edge * np.pi / 2) ** 2 if sampled < 1.0 else np.ones(count)
    return np.asarray(shape, dtype=np.float32)
