"""What the name that a file came with says: whose it is, which series and phase, image or mask. Pure.

Nothing of a name leaves this process but words of `vocabulary`; the patient's part of it only as `Identity`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from backend.imaging.formats.vocabulary import (
    CHANNEL,
    DATASET_FOLDERS,
    EMPTY_WORDS,
    LAST_ENTITY,
    LAST_SUBTRACTION,
    LAST_VISIT,
    LAST_WORD,
    MASK_WORDS,
    SERIES_WORDS,
    SORTING_FOLDERS,
    SUFFIXES,
    TAILS,
    VISIT,
    Mark,
    mark_of,
)

EDGES = " _.+-"


@dataclass(frozen=True)
class Named:
    """patient: whose file it is, empty when no name says so; visit: which of her examinations, empty for the only one.

    kind: as in `SUFFIXES`. words: what sets its series apart, in our vocabulary. rest: the same in words that are not
    ours, which must not leave this process. is_ambiguous: a bare number, which can be a phase or a patient.
    """

    kind: str
    patient: str
    visit: str = ""
    words: tuple[str, ...] = ()
    rest: str = ""
    mark: Mark | None = None
    is_mask: bool = False
    is_subtraction: bool = False
    is_ambiguous: bool = False

    @property
    def person(self) -> str:
        """The patient, whatever the case and form of the letters."""
        return folded(self.patient)


@dataclass(frozen=True)
class _Folders:
    """patient: innermost folder that is none of our words. is_dataset: True below a folder such as `imagesTr`."""

    patient: str = ""
    visit: str = ""
    is_dataset: bool = False
    is_mask: bool = False


def kind_of(name: str) -> str | None:
    """As in `SUFFIXES`; None for a file that is none of ours."""
    suffix = _suffix(name)
    return SUFFIXES[suffix] if suffix else None


def channel_of(name: str) -> tuple[str, int] | None:
    """Where a name ends as those of nnU-Net (`_0000`): what comes before it, and the number."""
    suffix = _suffix(name)
    match = CHANNEL.fullmatch(name[: -len(suffix)]) if suffix else None
    return (match[1], int(match[2])) if match else None


def read_name(name: str, *, has_channel: bool = False) -> Named:
    """name: of one of our files, relative, `/` between folders. has_channel: True when it ends with one of nnU-Net."""
    *folders, file = name.split("/")
    suffix = _suffix(name)
    stem = unicodedata.normalize("NFC", file[: -len(suffix)])
    start = Named(SUFFIXES[suffix], "")
    channel = CHANNEL.fullmatch(stem) if has_channel else None
    if channel:
        stem, start = channel[1], replace(start, mark=mark_of("channel", channel[2]))
    head, named = _without_tail(start, stem)
    return _owned(named, head, _read_folders(folders))


def folded(text: str) -> str:
    """For comparing: without case."""
    return unicodedata.normalize("NFC", text).casefold()


def printable(text: str) -> str:
    """Without control characters and the like."""
    return "".join(char for char in text if char.isprintable())


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sorting key by which `p2` comes before `p10`."""
    parts = re.findall(r"[0-9]+|[^0-9]+", folded(text))
    return tuple((0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts)


def _suffix(name: str) -> str:
    file = name.rpartition("/")[2]
    found = [suffix for suffix in SUFFIXES if file.lower().endswith(suffix)]
    return max(found, key=len) if found and not file.startswith(".") else ""


def _without_tail(named: Named, stem: str) -> tuple[str, Named]:
    """The start of a stem that is none of our words, and what the words after it say."""
    while True:
        stem = stem.strip(EDGES)
        at, named = _last(named, stem.lower() if len(stem.lower()) == len(stem) else stem)
        if at == len(stem):
            return stem, named
        stem = stem[:at]


def _last(named: Named, text: str) -> tuple[int, Named]:
    """Where the last of our words in a text starts, and what it says; the end of the text when there is none."""
    for word, pattern in TAILS if named.mark is None else ():
        if match := pattern.search(text):
            words = (*named.words, "vibrant") if word == "vibrant" else named.words
            number = match[1] if match.re.groups else None
            return match.start(), replace(named, mark=mark_of(word, number), words=words)
    if named.kind == "npy" and (match := LAST_SUBTRACTION.search(text)):
        words = (*named.words, f"subtraction {int(match[1])}")
        return match.start(), replace(named, is_subtraction=True, words=words)
    if match := LAST_VISIT.search(text):
        return match.start(), replace(named, visit=_joined(match[0], named.visit))
    if match := LAST_ENTITY.search(text):
        return match.start(), replace(named, rest=f"{match[0]} {named.rest}".strip())
    match = LAST_WORD.search(text)
    return (match.start(), _with(named, match[0])) if match and _is_ours(match[0]) else (len(text), named)


def _is_ours(word: str) -> bool:
    return word in SERIES_WORDS or word in EMPTY_WORDS or word in MASK_WORDS


def _with(named: Named, word: str) -> Named:
    if word in MASK_WORDS:
        return replace(named, is_mask=True)
    return named if word in EMPTY_WORDS else replace(named, words=tuple(sorted({*named.words, word})))


def _read_folders(folders: list[str]) -> _Folders:
    """From the innermost outwards, up to the first that is none of our words; `labels` may also lie above that."""
    found = _Folders()
    words = [folder.strip().lower() for folder in folders]
    while words:
        word = words.pop()
        if word in MASK_WORDS or word in DATASET_FOLDERS:
            is_dataset = found.is_dataset or word in DATASET_FOLDERS
            found = replace(found, is_dataset=is_dataset, is_mask=found.is_mask or word in MASK_WORDS)
        elif VISIT.fullmatch(word):
            found = replace(found, visit=_joined(word, found.visit))
        elif not (_is_ours(word) or word in SORTING_FOLDERS):
            above = [outer for outer in words if outer not in SORTING_FOLDERS][-1:]
            is_mask = found.is_mask or any(outer in MASK_WORDS & DATASET_FOLDERS for outer in above)
            return replace(found, patient=folders[len(words)].strip(), is_mask=is_mask)
    return found


def _joined(outer: str, inner: str) -> str:
    return inner if outer in inner.split() else f"{outer} {inner}".strip()


def _owned(named: Named, head: str, folders: _Folders) -> Named:
    """Whose file it is, from the start of its name and its folder."""
    visit = _joined(folders.visit, named.visit) if folders.visit else named.visit
    named = replace(named, is_mask=named.is_mask or folders.is_mask, visit=visit)
    folder = folders.patient
    if not head:
        return replace(named, patient=folder)
    if folder and folded(head).startswith(folded(folder)) and not head[len(folder) : len(folder) + 1].isalnum():
        return _of_folder(named, head[len(folder) :].strip(EDGES), folder)
    if head.isdecimal() and named.mark is None and not folders.is_dataset:
        return replace(named, is_ambiguous=True)
    return replace(named, patient=head if folders.is_dataset or not folder else f"{folder}/{head}")


def _of_folder(named: Named, rest: str, folder: str) -> Named:
    """A name that starts with its folder's: what follows is about the series, a bare number the phase."""
    if rest.isdecimal() and len(rest) <= 3 and named.mark is None:
        return replace(named, patient=folder, mark=mark_of("channel", rest))
    return replace(named, patient=folder, rest=f"{rest} {named.rest}".strip())
