"""A study that did not come as DICOM: images and label maps of one case, found by their names."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from backend.imaging.dicom.cleaner import Cleaner
from backend.imaging.dicom.faults import NotDrawnOn
from backend.imaging.dicom.keys import Key
from backend.imaging.formats.building import build_volume, target_of
from backend.imaging.formats.masks import MaskReader, Target
from backend.imaging.formats.names import printable
from backend.imaging.formats.opening import Member, Opened, open_members
from backend.imaging.formats.remarks import remarks_on
from backend.imaging.formats.rows import IMAGE, MASK, content_key, image_row, mask_row, uid_of
from backend.imaging.formats.volumes import SAME_GRID_MM, Plan, plan_volumes
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.messages import (
    BuiltMask,
    BuiltSeries,
    BuiltStudy,
    BuiltVolume,
    CaseSummary,
    Fault,
    Identity,
)
from backend.imaging.reading.output import Output
from backend.imaging.reading.protocol import StoredGrid

LONGEST_IDENTIFIER = 200
LABEL_MAP = "label map"
KINDS = {"nifti": "nifti", "nrrd": "nrrd", "mha": "nrrd", "npy": "npy"}
SEND_IMAGES = "Import the images together with their label maps."


@dataclass(frozen=True)
class FileCase:
    """Images and masks, each in the natural order of their names; all name one patient and visit, or none.

    digests: sha256 of each file by its place in the list of all files, empty until `read_digests`.
    """

    images: tuple[Member, ...]
    masks: tuple[Member, ...] = ()
    digests: dict[int, str] = field(default_factory=dict, compare=False)

    @property
    def places(self) -> tuple[int, ...]:
        """Of its files in the list of all files."""
        return tuple(sorted(member.index for member in (*self.images, *self.masks)))

    def read_digests(self, *, at: Callable[[int], None]) -> None:
        """Read every file once, for its sha256, by which it is known again; `at` is told its place before that."""
        for member in (*self.images, *self.masks):
            at(member.index)
            self.digests[member.index] = _sha256(member)

    def summary(self, number: int, key: Key) -> CaseSummary:
        """What the platform may know of it before its pixels are read."""
        images = {self.digests[image.index] for image in self.images}
        masks = {self.digests[mask.index] for mask in self._label_maps}
        series = {uid_of(key, IMAGE, digest): content_key(key, digest) for digest in images}
        maps = {uid_of(key, MASK, digest): content_key(key, digest) for digest in masks}
        return CaseSummary(
            number=number,
            kind=KINDS[self.images[0].named.kind],
            files=self.places,
            source_key=self._source_key(key),
            person_key="",
            study_uid=self._study_uid(key),
            series=series | maps,
            masks=tuple(sorted(maps)),
        )

    def build(self, *, key: Key, out: Output, max_voxels: int, step: Callable[[int], None]) -> BuiltStudy:
        """Read, code and write its pixels; `step` is told how many files are done. Raises StudyRefused."""
        images, plan = self._planned(max_voxels)
        maps, _ = open_members(self._label_maps, LABEL_MAP)
        not_drawn_on = dict(plan.not_drawn_on)
        targets: list[Target] = []
        volumes: list[BuiltVolume] = []
        warnings: list[Fault] = []
        for volume in plan.volumes:
            target = target_of(volume, images, maps)
            try:
                volumes.append(build_volume(volume, target, out, step=step))
            except NotDrawnOn as note:
                not_drawn_on[volume.first.place] = note.reason
                continue
            targets.append(target)
            warnings += remarks_on(volume, target)
        if not volumes:
            raise StudyRefused((Fault("the case", "holds no image to draw on, label maps alone", SEND_IMAGES),))
        masks, left_out = self._read_masks(targets, range(len(targets)), key, out, first=len(images))
        rows = [image_row(i, self.digests[i.member.index], not_drawn_on.get(i.place, ""), key) for i in images]
        return BuiltStudy(
            source_key=self._source_key(key),
            person_key="",
            study_uid=self._study_uid(key),
            study_date="",
            description="",
            sex="",
            age_years=None,
            identity=Identity(patient_id=printable(self._patient)[:LONGEST_IDENTIFIER]),
            series=(*rows, *self._mask_rows(key, first=len(images))),
            volumes=tuple(volumes),
            masks=masks,
            warnings=(*warnings, *left_out),
        )

    def masks_on(
        self, volumes: Sequence[StoredGrid], *, key: Key, out: Output
    ) -> tuple[tuple[BuiltMask, ...], tuple[BuiltSeries, ...], tuple[Fault, ...]]:
        """Label maps on volumes that are stored already, with their series. Raises StudyRefused."""
        images, plan = self._planned(sys.maxsize)
        maps, _ = open_members(self._label_maps, LABEL_MAP)
        grids = [volume.geometry for volume in volumes]
        found: list[tuple[Target, int]] = []
        for planned in plan.volumes:
            target = target_of(planned, images, maps)
            place = next(
                (n for n, grid in enumerate(grids) if grid.same_grid(target.stored, tolerance_mm=SAME_GRID_MM)), None
            )
            if place is not None:
                found.append((target, place))
        masks, faults = self._read_masks([t for t, _ in found], [n for _, n in found], key, out, first=0)
        return masks, self._mask_rows(key, first=0), faults

    def _planned(self, max_voxels: int) -> tuple[list[Opened], Plan]:
        """Headers of the images, and what becomes of them. Raises StudyRefused."""
        images, faults = open_members(self.images, "image")
        plan = plan_volumes(images, max_voxels=max_voxels)
        faults += [*plan.faults, *self._copies(images)]
        if faults:
            raise StudyRefused(tuple(faults))
        return images, plan

    @cached_property
    def _label_maps(self) -> tuple[Member, ...]:
        """Each different label map once: BreastDM repeats one for every image."""
        return tuple({self.digests[mask.index]: mask for mask in reversed(self.masks)}.values())[::-1]

    @property
    def _patient(self) -> str:
        return self.images[0].named.patient

    def _source_key(self, key: Key) -> str:
        """Of the patient's name in the files; without one the study stands for the patient."""
        person = self.images[0].named.person
        return key.digest("patient of files", person) if person else key.digest("patient without id", self._study())

    def _study_uid(self, key: Key) -> str:
        return key.uid(f"study of files\x1f{self._study()}")

    def _study(self) -> str:
        """What stands for the examination: patient and visit by their names, else what the images hold."""
        named = self.images[0].named
        if named.patient:
            return f"{named.person}\x1f{named.visit}"
        return "\x1f".join(sorted(self.digests[image.index] for image in self.images))

    def _copies(self, images: Sequence[Opened]) -> Iterator[Fault]:
        """One image under two names would be two phases that do not differ."""
        seen: dict[str, Opened] = {}
        for image in images:
            first = seen.setdefault(self.digests[image.member.index], image)
            if first is not image:
                yield Fault(image.subject, f"is a copy of {first.subject}", "Leave one of them out, and import again.")

    def _mask_rows(self, key: Key, *, first: int) -> tuple[BuiltSeries, ...]:
        """Rows of the label maps, counted from `first`."""
        return tuple(
            mask_row(member, first + n + 1, self.digests[member.index], key)
            for n, member in enumerate(self._label_maps)
        )

    def _read_masks(
        self, targets: Sequence[Target], places: Sequence[int], key: Key, out: Output, *, first: int
    ) -> tuple[tuple[BuiltMask, ...], tuple[Fault, ...]]:
        """Label maps on targets, which are volumes at these places; their series are counted from `first`."""
        maps, faults = open_members(self._label_maps, LABEL_MAP)
        reader = MaskReader(targets, Cleaner((), [self._patient]), out)
        found: list[BuiltMask] = []
        for opened in maps:
            digest = self.digests[opened.member.index]
            read = reader.read(opened, series=first + opened.place, instances_key=content_key(key, digest))
            if isinstance(read, Fault):
                faults.append(read)
            else:
                found.append(replace(read, volume=places[read.volume]))
        return tuple(found), tuple(faults)


def _sha256(member: Member) -> str:
    with member.file.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
