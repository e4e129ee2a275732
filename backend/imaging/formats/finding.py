"""Which files are images and masks of one case, by their names alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from backend.imaging.formats.case import FileCase
from backend.imaging.formats.names import Named, channel_of, folded, kind_of, natural, read_name
from backend.imaging.formats.opening import Member
from backend.imaging.formats.vocabulary import CHANNEL
from backend.imaging.reading.faults import FileRefusal
from backend.imaging.reading.messages import SourceFile

MOST_CHANNELS = 16  # more numbers than this count patients, not phases

PAIR = FileRefusal(
    "error",
    "is one half of a pair (.hdr and .img)",
    "are halves of pairs (.hdr and .img)",
    "Convert them to NIfTI in one file (.nii or .nii.gz), and import again.",
)
DETACHED = FileRefusal(
    "error",
    "is a header whose image lies in another file (.nhdr or .mhd)",
    "are headers whose images lie in other files (.nhdr or .mhd)",
    "Convert them to .nrrd or .mha in one file, and import again.",
)
ARCHIVE = FileRefusal(
    "error",
    "is an archive of arrays (.npz)",
    "are archives of arrays (.npz)",
    "Save each array as an .npy file of its own, and import again.",
)
BARE_NUMBER = FileRefusal(
    "error",
    "is named by a number alone, which can be a phase or a patient",
    "are named by numbers alone, which can be phases or patients",
    "Put each patient's files into a folder of its own, named pre, post1, post2 or phase0, phase1; or begin each file "
    "name with letters of the case, such as CASE7_0000, CASE7_0001.",
)
ARRAY_ALONE = FileRefusal(
    "error",
    "is an .npy array that is not named as in BreastDM",
    "are .npy arrays that are not named as in BreastDM",
    "Name the arrays of a case VIBRANT, VIBRANT+C2 and SUB2, or save them as NIfTI, and import again.",
)
MASK_ALONE = FileRefusal(
    "error",
    "is a label map, and its image is not among the files",
    "are label maps, and their images are not among the files",
    "Give it the name of its image with _seg at the end, and import both; or add it to a volume on the study's page.",
)
BY_KIND: Mapping[str, FileRefusal] = {"pair": PAIR, "detached": DETACHED, "archive": ARCHIVE}


@dataclass
class Found:
    """Cases in the natural order of their names, and why files, by their place in the list, belong to none.

    Files that are none of ours are in neither.
    """

    cases: tuple[FileCase, ...] = ()
    refused: dict[int, FileRefusal] = field(default_factory=dict)


def find_cases(files: Sequence[SourceFile]) -> Found:
    """Sort files into cases. Nothing is opened: what is damaged is refused with its whole study when that is built."""
    found = Found()
    channels = _channels(file.name for file in files)
    images: dict[tuple[str, str, str], list[Member]] = defaultdict(list)
    masks: list[Member] = []
    for index, file in enumerate(files):
        kind = kind_of(file.name)
        if kind is None:
            continue
        named = read_name(file.name, has_channel=file.name in channels)
        refusal = BY_KIND.get(kind) or _refusal(named)
        if refusal:
            found.refused[index] = refusal
        elif named.is_mask:
            masks.append(Member(index, file, named))
        else:
            images[_case_key(file, named)].append(Member(index, file, named))
    owned = _owners(images, masks, found.refused)
    found.cases = tuple(_case(images[key], owned.get(key, [])) for key in sorted(images, key=_by_name))
    return found


def _channels(names: Iterable[str]) -> frozenset[str]:
    """Names that end with a channel of nnU-Net: some file starts their count at 0000, and none passes its end."""
    stems: dict[str, dict[str, int]] = defaultdict(dict)
    for name in names:
        channel = channel_of(name)
        if channel:
            stems[channel[0]][name] = channel[1]
    counted = [numbers for numbers in stems.values() if 0 in numbers.values() and max(numbers.values()) < MOST_CHANNELS]
    return frozenset(name for numbers in counted for name in numbers)


def _refusal(named: Named) -> FileRefusal | None:
    if named.is_ambiguous:
        return BARE_NUMBER
    is_breastdm = named.is_mask or named.is_subtraction or "vibrant" in named.words
    return ARRAY_ALONE if named.kind == "npy" and not is_breastdm else None


def _case_key(file: SourceFile, named: Named) -> tuple[str, str, str]:
    """Files that name nobody are of one case where they lie in one folder."""
    return (named.person, named.visit, "" if named.patient else folded(file.name.rpartition("/")[0]))


def _owners(
    images: Mapping[tuple[str, str, str], list[Member]], masks: Iterable[Member], refused: dict[int, FileRefusal]
) -> dict[tuple[str, str, str], list[Member]]:
    """Masks by the case whose patient they name; those that name none, or several, are refused."""
    owned: dict[tuple[str, str, str], list[Member]] = defaultdict(list)
    for mask in masks:
        key = _case_key(mask.file, mask.named)
        if key not in images:
            channel = CHANNEL.fullmatch(mask.named.person)
            names = {_own_name(mask.named.person), _own_name(channel[1] if channel else "")} - {""}
            fitting = [k for k in images if k[1] == mask.named.visit and _own_name(k[0]) in names]
            key = fitting[0] if len(fitting) == 1 else ("", "", "")
        if key in images:
            owned[key].append(mask)
        else:
            refused[mask.index] = MASK_ALONE
    return owned


def _own_name(person: str) -> str:
    """A patient's name without the folder before it: label maps often lie in a folder of their own."""
    return person.rpartition("/")[2]


def _by_name(key: tuple[str, str, str]) -> tuple[object, ...]:
    return tuple(natural(part) for part in key)


def _case(images: list[Member], masks: list[Member]) -> FileCase:
    return FileCase(_in_order(images), _in_order(masks))


def _in_order(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda member: natural(member.file.name)))
