"""A study that did not come as DICOM: images and label maps of one case, found by their names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from backend.imaging.dicom.cleaner import Cleaner
from backend.imaging.dicom.faults import NotDrawnOn
from backend.imaging.dicom.keys import Key
from backend.imaging.formats.building import build_volume, description_of, target_of
from backend.imaging.formats.masks import MaskReader, Target
from backend.imaging.formats.names import printable
from backend.imaging.formats.opening import Member, Opened, open_members
from backend.imaging.formats.remarks import remarks_on
from backend.imaging.formats.volumes import plan_volumes
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

LONGEST_IDENTIFIER = 200
KINDS = {"nifti": "nifti", "nrrd": "nrrd", "mha": "nrrd", "npy": "npy"}
MODALITY = "MR"
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
        return CaseSummary(
            number=number,
            kind=KINDS[self.images[0].named.kind],
            files=self.places,
            source_key=self._source_key(key),
            person_key="",
            study_uid=self._study_uid(key),
            series={self._series_uid(key, image): self._instances_key(key, image) for image in self.images},
        )

    def build(self, *, key: Key, out: Output, max_voxels: int, step: Callable[[int], None]) -> BuiltStudy:
        """Read, code and write its pixels; `step` is told how many files are done. Raises StudyRefused."""
        images, faults = open_members(self.images, "image")
        plan = plan_volumes(images, max_voxels=max_voxels)
        faults += [*plan.faults, *self._copies(images)]
        if faults:
            raise StudyRefused(tuple(faults))
        masks, mask_faults = open_members(self.masks, "label map")
        not_drawn_on = dict(plan.not_drawn_on)
        targets: list[Target] = []
        volumes: list[BuiltVolume] = []
        warnings: list[Fault] = []
        for volume in plan.volumes:
            target = target_of(volume, images, masks)
            try:
                volumes.append(build_volume(volume, target, out, step=step))
            except NotDrawnOn as note:
                not_drawn_on[volume.first.place] = note.reason
                continue
            targets.append(target)
            warnings += remarks_on(volume, target)
        if not volumes:
            raise StudyRefused((Fault("the case", "holds no image to draw on, label maps alone", SEND_IMAGES),))
        reader = MaskReader(targets, Cleaner((), [self._patient]), out)
        found, left_out = self._masks(masks, reader, key)
        return BuiltStudy(
            source_key=self._source_key(key),
            person_key="",
            study_uid=self._study_uid(key),
            study_date="",
            description="",
            sex="",
            age_years=None,
            identity=Identity(patient_id=printable(self._patient)[:LONGEST_IDENTIFIER]),
            series=tuple(self._series(image, not_drawn_on.get(image.place, ""), key) for image in images),
            volumes=tuple(volumes),
            masks=found,
            warnings=(*warnings, *mask_faults, *left_out),
        )

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

    def _series_uid(self, key: Key, image: Member) -> str:
        """By content, so that the same image is known again under another name."""
        return key.uid(f"image file\x1f{self.digests[image.index]}")

    def _instances_key(self, key: Key, member: Member) -> str:
        return key.digest("instances", self.digests[member.index])

    def _copies(self, images: Sequence[Opened]) -> Iterator[Fault]:
        """One image under two names would be two phases that do not differ."""
        seen: dict[str, Opened] = {}
        for image in images:
            first = seen.setdefault(self.digests[image.member.index], image)
            if first is not image:
                yield Fault(image.subject, f"is a copy of {first.subject}", "Leave one of them out, and import again.")

    def _series(self, image: Opened, not_drawn_on: str, key: Key) -> BuiltSeries:
        layout = image.layout
        return BuiltSeries(
            uid=self._series_uid(key, image.member),
            number=image.place + 1,
            modality=MODALITY,
            description=description_of(image),
            instances=1,
            instances_key=self._instances_key(key, image.member),
            not_drawn_on=not_drawn_on,
            attributes={"format": layout.kind, "values": layout.dtype.name, "placed_by": layout.placed_by},
        )

    def _masks(
        self, masks: Sequence[Opened], reader: MaskReader, key: Key
    ) -> tuple[tuple[BuiltMask, ...], tuple[Fault, ...]]:
        """Each different label map once: BreastDM repeats one for every image."""
        once = {self.digests[mask.member.index]: mask for mask in reversed(masks)}
        read = [reader.read(mask, self._instances_key(key, mask.member)) for mask in reversed(once.values())]
        found = tuple(mask for mask in read if isinstance(mask, BuiltMask))
        return found, tuple(fault for fault in read if isinstance(fault, Fault))


def _sha256(member: Member) -> str:
    with member.file.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
