"""Frames of an Enhanced MR file as if each were a classic image: functional groups laid over the file's header.

DICOM PS3.3 C.7.6.16 (multi-frame functional groups) and C.8.13 (Enhanced MR). What a frame says comes before what all
frames share, and that before the file's own attributes. Real World Value Mappings are left out: they turn stored
values into quantities (of a diffusion map, say) beside the rescale that the picture is shown with, and may be several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydicom.dataset import Dataset

from backend.imaging.dicom import attributes as read
from backend.imaging.dicom.files import HeaderRefused, Refusal

GROUPS = (
    "UnassignedSharedConvertedAttributesSequence",
    "UnassignedPerFrameConvertedAttributesSequence",
    "PixelMeasuresSequence",
    "PlanePositionSequence",
    "PlaneOrientationSequence",
    "FrameContentSequence",
    "FrameAnatomySequence",
    "PixelValueTransformationSequence",
    "TemporalPositionSequence",
    "CardiacSynchronizationSequence",
    "MRImageFrameTypeSequence",
    "MRTimingAndRelatedParametersSequence",
    "MREchoSequence",
    "MRDiffusionSequence",
)
# Name in a functional group → name of the same thing in a classic image; the first that is there counts.
CLASSIC = (
    ("FrameAcquisitionDateTime", "AcquisitionDateTime"),
    ("FrameReferenceDateTime", "AcquisitionDateTime"),
    ("FrameAcquisitionNumber", "AcquisitionNumber"),
    ("TemporalPositionIndex", "TemporalPositionIdentifier"),
    ("NominalCardiacTriggerDelayTime", "TriggerTime"),
    ("EffectiveEchoTime", "EchoTime"),
    ("FrameType", "ImageType"),
)
ECHO = {"GRADIENT": ["GR"], "SPIN": ["SE"], "BOTH": ["GR", "SE"]}


def frame_values(top: read.Values, *, limit: int) -> list[dict[str, Any]]:
    """Values of each frame in the order of the file; empty when the file has no functional groups for each frame.

    Raises HeaderRefused for more frames than the limit.
    """
    frames = _items(top, "PerFrameFunctionalGroupsSequence")
    if len(frames) > limit:
        raise HeaderRefused(Refusal.DAMAGED)
    if len(frames) != (read.whole(top, "NumberOfFrames") or 1):
        return []
    shared = [read.values_of(item) for item in _items(top, "SharedFunctionalGroupsSequence")[:1]]
    base = {**top, **_sequence(top), **_contrast(top)}
    common = _flat(shared[0]) if shared else {}
    return [{**base, **common, **_flat(read.values_of(frame))} for frame in frames]


def _items(values: read.Values, keyword: str) -> Sequence[Dataset]:
    found = values.get(keyword)
    return [item for item in found if isinstance(item, Dataset)] if isinstance(found, Sequence) else []


def _flat(groups: read.Values) -> dict[str, Any]:
    """Attributes of one item of functional groups without their nesting, under their classic names."""
    found: dict[str, Any] = {}
    for keyword in GROUPS:
        for item in _items(groups, keyword)[:1]:
            found |= read.values_of(item)
    for name, classic in reversed(CLASSIC):
        if name in found:
            found[classic] = found[name]
    if "ComplexImageComponent" in found and "ImageType" in found:  # a phase image is no other time point of the signal
        found["ImageType"] = [*read.words(found, "ImageType"), read.text(found, "ComplexImageComponent")]
    return found | _usage(groups)


def _usage(groups: read.Values) -> dict[str, Any]:
    """Whether an agent had been given when the frame was acquired (PS3.3 C.7.6.16.2.12)."""
    given = [
        read.text(read.values_of(item), "ContrastBolusAgentAdministered")
        for item in _items(groups, "ContrastBolusUsageSequence")
    ]
    return {"ContrastBolusAgent": "YES" if "YES" in given else ""} if given else {}


def _contrast(top: read.Values) -> dict[str, Any]:
    """The agent of the whole file, and when it was first given."""
    agents = [read.values_of(item) for item in _items(top, "ContrastBolusAgentSequence")]
    starts = [
        read.text(read.values_of(profile), "ContrastBolusStartTime")
        for agent in agents
        for profile in _items(agent, "ContrastAdministrationProfileSequence")
    ]
    found: dict[str, Any] = {"ContrastBolusAgent": "YES"} if agents else {}
    known = [start for start in starts if start]
    return found | ({"ContrastBolusStartTime": min(known)} if known else {})


def _sequence(top: Mapping[str, Any]) -> dict[str, Any]:
    """Enhanced MR says by three attributes what Scanning Sequence says in classic images."""
    found = list(ECHO.get(read.text(top, "EchoPulseSequence"), []))
    found += ["EP"] if read.text(top, "EchoPlanarPulseSequence") == "YES" else []
    found += ["IR"] if read.text(top, "InversionRecovery") == "YES" else []
    return {"ScanningSequence": found} if found else {}
