"""Phases moved onto the first one: rigid, or rigid and then by a smooth displacement field.

Transforms are found on images reduced to a few millimetres and applied to the full ones. What is maximised is Mattes'
mutual information, since contrast agent changes how tissue looks. Every random choice is seeded and each search runs on
one thread, so that equal images give equal transforms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ml.geometry import Geometry
from ml.preprocessing.likeness import body_of, mutual_information

SEARCH_SPACING_MM = 3.0
SEARCH_VOXELS = 1_500_000
BINS = 32
SEED = 20_231
RIGID_SHRINK = (4, 2, 1)
RIGID_STEPS = 60
RIGID_SHARE = 0.5
FIELD_SHRINK = (2, 1)
FIELD_STEPS = 30
FIELD_STEP_MM = 2.0
UPDATE_VARIANCE, TOTAL_VARIANCE = 9.0, 3.0
"""Of the Gaussians that smooth each step and the whole field, in voxels² of the level's grid."""
LIKER_BY = 0.001  # of normalised mutual information: less is noise between two repeats

OnStep = Callable[[float], None]
"""Told the share that is done, 0 to 1; may raise to stop."""


@dataclass(frozen=True)
class Movement:
    """What a registration did to one phase.

    before, after: normalised mutual information with the first phase inside the body, 1 (none) to 2 (the same image).
    mean_mm, p95_mm, max_mm: how far points of the body moved. shrink, swell: smallest and largest local volume ratio.
    """

    before: float
    after: float
    mean_mm: float
    p95_mm: float
    max_mm: float
    shrink: float
    swell: float

    @property
    def better(self) -> bool:
        """False when the phase is no more like the first than it was."""
        return self.after > self.before + LIKER_BY


def as_image(values_zyx: NDArray[np.float32], geometry: Geometry) -> sitk.Image:
    """SimpleITK image of an array (Z, Y, X) on its grid."""
    image = sitk.GetImageFromArray(values_zyx)
    image.SetSpacing([float(mm) for mm in reversed(geometry.spacing_zyx_mm)])
    image.SetOrigin([float(v) for v in geometry.matrix[:3, 3]])
    image.SetDirection([float(v) for v in geometry.direction_zyx[:, ::-1].reshape(-1)])
    return image


def reduced(image: sitk.Image) -> sitk.Image:
    """The image on a grid of about `SEARCH_SPACING_MM`, smoothed against aliasing; never finer than it was."""
    extent_mm = [n * mm for n, mm in zip(image.GetSize(), image.GetSpacing(), strict=True)]
    step_mm = max(SEARCH_SPACING_MM, (math.prod(extent_mm) / SEARCH_VOXELS) ** (1 / 3))
    size = [min(n, max(1, round(mm / step_mm))) for n, mm in zip(image.GetSize(), extent_mm, strict=True)]
    spacing = [mm / n for mm, n in zip(extent_mm, size, strict=True)]
    smooth = image
    for axis, (new, old) in enumerate(zip(spacing, image.GetSpacing(), strict=True)):
        if new > 1.2 * old and image.GetSize()[axis] > 3:
            smooth = sitk.RecursiveGaussian(smooth, sigma=new / 2, direction=axis)
    origin = image.TransformContinuousIndexToPhysicalPoint(
        [(new / old - 1) / 2 for new, old in zip(spacing, image.GetSpacing(), strict=True)]
    )
    return sitk.Resample(
        smooth, size, sitk.Transform(), sitk.sitkLinear, origin, spacing, image.GetDirection(), 0.0, sitk.sitkFloat32
    )


def find_transform(fixed: sitk.Image, moving: sitk.Image, *, deformable: bool, on_step: OnStep) -> sitk.Transform:
    """Transform from points of the fixed image to the moving one, both reduced and on one grid."""
    with _one_thread():
        if not deformable:
            return _rigid(fixed, moving, on_step)
        rigid = _rigid(fixed, moving, lambda share: on_step(0.1 * share))
        from_rigid = _deformable(fixed, moving, rigid, lambda share: on_step(0.1 + 0.45 * share))
        alone = _deformable(fixed, moving, sitk.Transform(), lambda share: on_step(0.55 + 0.45 * share))
    # Where the breasts sank and the chest did not, the rigid part takes all of it along, and the field starts far off.
    return max((rigid, from_rigid, alone), key=lambda found: movement(fixed, moving, found).after)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums over several threads differ in their last digits from run to run."""
    before = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    try:
        yield
    finally:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(before)


def moved(image: sitk.Image, transform: sitk.Transform) -> sitk.Image:
    """The image seen through the transform, on its own grid: linear, and the nearest voxel beyond the edges."""
    resample = sitk.ResampleImageFilter()
    resample.SetReferenceImage(image)
    resample.SetTransform(transform)
    resample.SetInterpolator(sitk.sitkLinear)
    resample.UseNearestNeighborExtrapolatorOn()
    seen: sitk.Image = resample.Execute(image)
    return seen


def movement(fixed: sitk.Image, moving: sitk.Image, transform: sitk.Transform) -> Movement:
    """What the transform does, measured on the reduced images."""
    still, before = sitk.GetArrayViewFromImage(fixed), sitk.GetArrayViewFromImage(moving)
    after = sitk.GetArrayFromImage(moved(moving, transform))
    body = body_of(sitk.GetArrayFromImage(fixed))
    field = sitk.TransformToDisplacementField(
        transform, sitk.sitkVectorFloat64, fixed.GetSize(), fixed.GetOrigin(), fixed.GetSpacing(), fixed.GetDirection()
    )
    # A copy: a view would outlive its image.
    ratio = sitk.GetArrayFromImage(sitk.DisplacementFieldJacobianDeterminant(field))[body]
    length_mm = np.linalg.norm(sitk.GetArrayViewFromImage(field), axis=-1)[body]
    return Movement(
        before=mutual_information(still[body], before[body]),
        after=mutual_information(still[body], after[body]),
        mean_mm=float(length_mm.mean()),
        p95_mm=float(np.percentile(length_mm, 95)),
        max_mm=float(length_mm.max()),
        shrink=float(ratio.min()),
        swell=float(ratio.max()),
    )


def _rigid(fixed: sitk.Image, moving: sitk.Image, on_step: OnStep) -> sitk.Transform:
    start = sitk.Euler3DTransform()
    start.SetCenter(fixed.TransformContinuousIndexToPhysicalPoint([(n - 1) / 2 for n in fixed.GetSize()]))
    search = _search(RIGID_SHRINK, finest_sigma=0.0)
    shares = [min(1.0, RIGID_SHARE * factor**2) for factor in RIGID_SHRINK]
    search.SetMetricSamplingStrategy(search.RANDOM)
    search.SetMetricSamplingPercentagePerLevel(shares, seed=SEED)
    search.SetOptimizerAsRegularStepGradientDescent(
        learningRate=1.0,
        minStep=1e-3,
        numberOfIterations=RIGID_STEPS,
        relaxationFactor=0.6,
        gradientMagnitudeTolerance=1e-6,
        maximumStepSizeInPhysicalUnits=2.0,
    )
    search.SetOptimizerScalesFromPhysicalShift()
    search.SetMetricFixedMask(_body_image(fixed))
    search.SetInitialTransform(start, inPlace=True)
    _run(search, fixed, moving, len(RIGID_SHRINK) * RIGID_STEPS, on_step)
    return start


def _deformable(fixed: sitk.Image, moving: sitk.Image, rigid: sitk.Transform, on_step: OnStep) -> sitk.Transform:
    """A displacement at each voxel of the reduced grid, kept smooth by Gaussians; air, which fits all, is left out.

    On the phantom's known bend, B-splines on a coarse grid (50 mm, gradient or LBFGSB) ended further from the truth and
    took several times as long, since nothing held back the control points that few edges tell of.
    """
    still = sitk.Image(fixed.GetSize(), sitk.sitkVectorFloat64)
    still.CopyInformation(fixed)
    field = sitk.DisplacementFieldTransform(still)
    field.SetSmoothingGaussianOnUpdate(UPDATE_VARIANCE, TOTAL_VARIANCE)
    search = _search(FIELD_SHRINK, finest_sigma=1.0)
    search.SetOptimizerAsGradientDescent(
        learningRate=1.0,
        numberOfIterations=FIELD_STEPS,
        convergenceMinimumValue=1e-6,
        convergenceWindowSize=8,
        estimateLearningRate=search.EachIteration,
        maximumStepSizeInPhysicalUnits=FIELD_STEP_MM,
    )
    search.SetOptimizerScalesFromPhysicalShift()
    search.SetMetricFixedMask(_body_image(fixed))
    search.SetMovingInitialTransform(rigid)
    search.SetInitialTransform(field, inPlace=True)
    _run(search, fixed, moving, len(FIELD_SHRINK) * FIELD_STEPS, on_step)
    return sitk.CompositeTransform([rigid, field])  # the last one is applied first


def _body_image(fixed: sitk.Image) -> sitk.Image:
    """Mask of the body and a rim around it, where skin meets air."""
    body = sitk.GetImageFromArray(body_of(sitk.GetArrayFromImage(fixed)).astype(np.uint8))
    body.CopyInformation(fixed)
    wide: sitk.Image = sitk.BinaryDilate(body, [2, 2, 2])
    return wide


def _search(shrink: tuple[int, ...], *, finest_sigma: float) -> sitk.ImageRegistrationMethod:
    search = sitk.ImageRegistrationMethod()
    search.SetMetricAsMattesMutualInformation(numberOfHistogramBins=BINS)
    search.SetInterpolator(sitk.sitkLinear)
    search.SetShrinkFactorsPerLevel(list(shrink))
    search.SetSmoothingSigmasPerLevel([factor / 2 if factor > 1 else finest_sigma for factor in shrink])
    search.SmoothingSigmasAreSpecifiedInPhysicalUnitsOff()
    return search


def _run(
    search: sitk.ImageRegistrationMethod, fixed: sitk.Image, moving: sitk.Image, steps: int, on_step: OnStep
) -> None:
    """Search, and raise what `on_step` raised: SimpleITK tells of an error in a callback by a text alone."""
    raised: list[BaseException] = []
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        try:
            if not raised:
                on_step(min(1.0, done / steps))
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            raised.append(error)
        if raised:
            search.StopRegistration()

    search.AddCommand(sitk.sitkIterationEvent, count)
    search.Execute(fixed, moving)
    if raised:
        raise raised[0]
