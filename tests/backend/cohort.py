"""Small projects for tests: members, patients with volumes, and tasks drawn and approved through the services."""

from __future__ import annotations

import uuid

import numpy as np

from backend.accounts.models import Membership, Project, User
from backend.accounts.roles import Role
from backend.annotation import services as annotation
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.checks import RuleName
from backend.annotation.models import Task
from backend.imaging.models import Patient, Phase, Series, Study, Volume
from backend.imaging.stored import store_phase

SHAPE_ZYX = (4, 16, 12)
EVERY_TICK = [f"{rule}:{label}" for rule in RuleName for label in range(1, 10)]  # keys that warnings can have
AFFINE = [[0.0, 0.0, 2.0, -30.0], [0.0, 2.5, 0.0, -40.0], [5.0, 0.0, 0.0, 12.0], [0.0, 0.0, 0.0, 1.0]]


def add_member(project: Project, name: str, role: Role) -> User:
    user = User.objects.create(username=name)
    Membership.objects.create(project=project, user=user, role=role)
    return user


def add_patient(project: Project, partition: str | None = "POOL") -> Patient:
    number = Patient.objects.filter(project=project).count() + 1
    return Patient.objects.create(
        project=project, pseudonym=f"NF-{number:04d}", source_key=f"{number:064d}", partition=partition
    )


def phase_pixels(volume_id: int, index: int, shape_zyx=SHAPE_ZYX):
    """Pixels (Z, Y, X) int16 that differ by volume and phase, negative ones among them."""
    random = np.random.default_rng([volume_id, index])
    return random.integers(-50, 800, shape_zyx, dtype=np.int16)


def add_volume(patient: Patient, *, phases: int = 2, shape_zyx=SHAPE_ZYX) -> Volume:
    number = Volume.objects.count() + 1
    study = Study.objects.create(patient=patient, uid=f"2.25.{number}")
    series = Series.objects.create(study=study, uid=f"2.25.9{number}", number=1, modality="MR", instances=shape_zyx[0])
    volume = Volume.objects.create(
        study=study,
        name="DCE",
        is_dce=phases > 1,
        size_z=shape_zyx[0],
        size_y=shape_zyx[1],
        size_x=shape_zyx[2],
        affine=AFFINE,
    )
    for index in range(phases):
        pixels = phase_pixels(volume.pk, index, shape_zyx)
        stored = store_phase(pixels)
        Phase.objects.create(
            volume=volume,
            series=series,
            index=index,
            label=f"phase {index}",
            codec=stored.codec,
            slices_per_chunk=stored.slices_per_chunk,
            chunks=list(stored.chunks),
            window_low=stored.window_low,
            window_high=stored.window_high,
        )
    return volume


def open_task(volume: Volume) -> Task:
    return annotation.open_tasks(project=volume.study.patient.project, volumes=[volume])[0]


def draw(task: Task, annotator: User, labels) -> Task:
    """Claim where need be, and save every slice of labels (Z, Y, X) on whatever is there."""
    if task.state == "open":
        task = annotation.claim(user=annotator, task=task)
    head = task.head.number if task.head else 0
    slices = {z: labels[z] for z in range(labels.shape[0])}
    annotation.save(user=annotator, task=task, base=head, key=str(uuid.uuid4()), slices=slices)
    return Task.objects.get(pk=task.pk)


def approve(task: Task, annotator: User, radiologist: User) -> Task:
    annotation.submit(user=annotator, task=task, revision=task.head.number, accepted=EVERY_WARNING)
    annotation.approve(user=radiologist, task=task, revision=task.head.number)
    return Task.objects.get(pk=task.pk)


def some_labels(seed: int = 0, shape_zyx=SHAPE_ZYX):
    """Labels (Z, Y, X) uint8 with a block of each of three labels, at places that differ by seed."""
    labels = np.zeros(shape_zyx, dtype=np.uint8)
    random = np.random.default_rng(seed)
    for value in (1, 5, 7):
        z, y, x = (int(random.integers(0, size - 2)) for size in shape_zyx)
        labels[z : z + 2, y : y + 3, x : x + 3] = value
    return labels


class Cohort:
    """A project with one member of each role."""

    def __init__(self, slug: str = "study") -> None:
        self.project = Project.objects.create(name=slug.title(), slug=slug)
        self.annotator = add_member(self.project, f"{slug}-annotator", Role.ANNOTATOR)
        self.radiologist = add_member(self.project, f"{slug}-radiologist", Role.RADIOLOGIST)
        self.manager = add_member(self.project, f"{slug}-manager", Role.MANAGER)
        self.scientist = add_member(self.project, f"{slug}-scientist", Role.SCIENTIST)

    def open_case(self, partition: str = "POOL", *, phases: int = 2) -> Task:
        return open_task(add_volume(add_patient(self.project, partition), phases=phases))

    def approved_case(self, partition: str = "POOL", *, phases: int = 2, labels=None, patient=None) -> Task:
        volume = add_volume(patient or add_patient(self.project, partition), phases=phases)
        task = open_task(volume)
        task = draw(task, self.annotator, some_labels(volume.pk) if labels is None else labels)
        return approve(task, self.annotator, self.radiologist)
