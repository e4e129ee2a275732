"""Every change to a task. Nothing else writes a task's state.

Each service locks the task's row, checks the move against the workflow table, writes, and records the audit event, all
in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import Membership, Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.annotation import checking, masks, permissions, selectors
from backend.annotation.labels import DEFAULT_LABELS
from backend.annotation.models import LabelSet, Mask, Origin, Proposal, Remark, Review, Revision, Submission, Task
from backend.annotation.slice_ranges import Cells, common, read_cells, read_ranges, without, write_cells, write_ranges
from backend.annotation.workflow import Action, Move, State
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput, NotFound, PreconditionRequired, Stale
from backend.core.jobs import enqueue
from backend.imaging.models import FoundMask, Partition, Volume
from ml.labelmaps import LabelArray


@dataclass(frozen=True)
class Pin:
    """A remark to be pinned to a place of the volume, or to a slice where y and x are None."""

    z: int
    text: str
    y: int | None = None
    x: int | None = None


@transaction.atomic
def ensure_label_set(project: Project) -> LabelSet:
    """The project's label set, made of the default labels where it has none."""
    labels = [label.to_json() for label in DEFAULT_LABELS]
    return LabelSet.objects.get_or_create(project=project, defaults={"labels": labels})[0]


@transaction.atomic
def open_tasks(*, project: Project, volumes: Iterable[Volume], actor: User | None = None) -> list[Task]:
    """Tasks for volumes that have none yet; volumes of patients without a partition are passed over.

    Safe to run twice and at the same time: the project's row is the lock.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    ensure_label_set(project)
    wanted = {volume.pk for volume in volumes}
    missing = Volume.objects.filter(
        pk__in=wanted, tasks__isnull=True, study__patient__project=project, study__patient__partition__isnull=False
    )
    rows = [_open_task(project, volume) for volume in missing.select_related("study__patient").order_by("pk")]
    tasks = Task.objects.bulk_create(rows)
    for task in tasks:
        record(actor=actor, action="task.opened", project_id=project.pk, subject=task, volume_id=task.volume_id)
    return tasks


def open_missing_tasks(*, older_than_s: float) -> int:
    """Open what a lost message left unopened: tasks that have been wanted for a while. Returns how many."""
    before = timezone.now() - timedelta(seconds=older_than_s)
    late = selectors.volumes_without_task().filter(created_at__lt=before, study__patient__updated_at__lt=before)
    opened = 0
    for project in Project.objects.filter(patients__studies__volumes__in=late).distinct():
        volumes = late.filter(study__patient__project=project)
        opened += len(open_tasks(project=project, volumes=volumes))
    return opened


@transaction.atomic
def claim(*, user: User, task: Task) -> Task:
    """Take an open task. A draft that is waiting is pinned to it: no later one takes its place."""
    locked = lock(task)
    return _claim(user, locked)


@transaction.atomic
def claim_next(*, user: User, project: Project) -> Task:
    """The task to work on now: one that the user has begun or got back, else the first open one, claimed.

    First come the cases of the current batch in their places, then the oldest.

    Raises NotFound when nothing is waiting. Two people never get the same task: locked rows are skipped.
    """
    membership = require(user, project, Capability.DRAW)
    Membership.objects.select_for_update().get(pk=membership.pk)  # a double click claims one case, not two
    mine = Task.objects.filter(project=project, assignee=user, state=State.IN_PROGRESS).order_by("pk").first()
    if mine is not None:
        return mine
    waiting = Task.objects.select_for_update(skip_locked=True).filter(project=project, state=State.OPEN)
    task = waiting.order_by(F("place").asc(nulls_last=True), "pk").first()
    if task is None:
        raise NotFound("Nothing is waiting: every open case is taken or done.")
    return _claim(user, task)


@transaction.atomic
def release(*, user: User, task: Task) -> Task:
    """Give a task back to the others; what is drawn stays in it."""
    locked = lock(task)
    row = permissions.check(user, locked, Action.RELEASE)
    return _make_move(user, locked, Action.RELEASE, row)


def save(
    *,
    user: User,
    task: Task,
    base: int | None,
    key: str,
    slices: dict[int, LabelArray],
    accepted: Cells | None = None,
) -> Revision:
    """A new revision: the head with some slices replaced. An all-zero slice removes it.

    base: number of the revision that the slices were drawn on, 0 before the first.
    key: names this save; the same key again returns the first answer and writes nothing.
    slices: (Y, X) uint8 by index, as `masks.read_bundle` gives them.
    accepted: cells of the proposal that are taken with this save, all of them; None when that is as it was.

    Raises PreconditionRequired without base, Stale (with head, by, at) when the task has moved on, Conflict where the
    state admits no save or the key was used for other slices, NotAllowed for anybody but the assignee.
    """
    if base is None:
        raise PreconditionRequired("Say which revision you drew on: If-Match with its number, 0 before the first.")
    edits = [masks.store_slice(index, labels) for index, labels in sorted(slices.items())]  # before the lock: disk
    with transaction.atomic():
        locked = lock(task)
        head, earlier = _head_and_earlier(locked, key)
        if earlier is not None:
            return _same_answer(earlier, user, edits)
        permissions.check(user, locked, Action.SAVE)
        _check_head(head, base)
        mask, changed = masks.apply_slices(volume=locked.volume, base=head.mask if head else None, edits=edits)
        taken = _accepted(user, locked, head, accepted)
        revision = _add_revision(
            locked, head, mask, author=user, origin=Origin.HUMAN, changed=changed, accepted=taken, idempotency_key=key
        )
        _record(user, locked, Action.SAVE, revision=revision.number, mask=mask.sha256)
    return revision


def submit(*, user: User, task: Task, revision: int | None, accepted: Container[str] = ()) -> Task:
    """Hand a task to review. revision: the head that the user looked at; accepted: keys of the warnings they ticked.

    Raises Conflict when nothing is drawn, and with the findings where the checks have an error or a warning unticked.
    """
    report = checking.report_to_submit(task, revision)  # before the lock: it reads the whole mask
    with transaction.atomic():
        locked = lock(task)
        row = permissions.check(user, locked, Action.SUBMIT)
        head = _pinned_head(locked, revision)
        warnings = checking.pass_checks(locked, head, report, accepted)
        Submission.objects.create(task=locked, revision=head, author=user, warnings=warnings)
        locked.submitted_at = timezone.now()
        enqueue("annotation.count_origins", revision_id=head.pk)
        ticked = [warning["key"] for warning in warnings]
        return _make_move(user, locked, Action.SUBMIT, row, revision=head.number, ticked=ticked)


@transaction.atomic
def approve(*, user: User, task: Task, revision: int | None) -> Task:
    """Approve the revision that the reviewer looked at, and pin it."""
    locked = lock(task)
    row = permissions.check(user, locked, Action.APPROVE)
    head = _pinned_head(locked, revision)
    Review.objects.create(task=locked, revision=head, reviewer=user, decision=Review.Decision.APPROVE)
    locked.approved = head
    return _make_move(user, locked, Action.APPROVE, row, revision=head.number)


@transaction.atomic
def return_task(*, user: User, task: Task, revision: int | None, reason: str, remarks: Sequence[Pin] = ()) -> Task:
    """Send a task back to who drew it, with a reason and remarks pinned to places."""
    locked = lock(task)
    row = permissions.check(user, locked, Action.RETURN)
    head = _pinned_head(locked, revision)
    if not reason.strip():
        raise InvalidInput("Say why the case goes back: the reason is empty.")
    for pin in remarks:
        _check_pin(pin, locked.volume)
    review = Review.objects.create(
        task=locked, revision=head, reviewer=user, decision=Review.Decision.RETURN, reason=reason.strip()
    )
    Remark.objects.bulk_create(Remark(review=review, z=pin.z, y=pin.y, x=pin.x, text=pin.text) for pin in remarks)
    return _make_move(user, locked, Action.RETURN, row, revision=head.number, remarks=len(remarks))


@transaction.atomic
def reopen(*, user: User, task: Task) -> Task:
    """Take an approval back, so that who drew it goes on; or put a withdrawn task among the open ones again.

    Snapshots keep the revision that was approved then.
    """
    locked = lock(task)
    row = permissions.check(user, locked, Action.REOPEN)
    locked.approved = None
    return _make_move(user, locked, Action.REOPEN, row)


@transaction.atomic
def withdraw(*, user: User, task: Task) -> Task:
    """Take a task out of the work; what is drawn stays in it."""
    locked = lock(task)
    row = permissions.check(user, locked, Action.WITHDRAW)
    return _make_move(user, locked, Action.WITHDRAW, row)


@transaction.atomic
def ask_for_slices(*, user: User, task: Task, slices: Collection[int] | None) -> Task:
    """Ask for some slices of a task's volume alone, counted from 0, or for the whole volume with None.

    What is drawn elsewhere stays, and does not count. Raises InvalidInput for no slice and for one outside of the
    volume; Conflict once the task is submitted.
    """
    locked = lock(task)
    row = permissions.check(user, locked, Action.ASK)
    size = locked.volume.size_z
    if slices is not None and not slices:
        raise InvalidInput("Ask for one slice at least, or for the whole volume.")
    outside = [index for index in slices or () if not 0 <= index < size]
    if outside:
        raise InvalidInput(f"The volume has slices 0 to {size - 1}; slice {outside[0]} is not among them.")
    locked.slices = None if slices is None else sorted(set(slices))
    locked.save(update_fields=["slices", "updated_at"])
    return _make_move(user, locked, Action.ASK, row, slices=write_ranges(locked.slices or ()))


@transaction.atomic
def offer_proposal(*, task: Task, mask: Mask, model_version_id: int, source: str) -> Proposal:
    """Offer a model's mask as a start. source names the model to people, such as `model 3`.

    An older proposal is replaced until somebody claims the task. Raises Conflict for a task of the benchmark, for a
    second reading, for one that is no longer open, and for one in which something is drawn; InvalidInput for a mask of
    another volume.
    """
    content = masks.content_of(mask)
    locked = lock(task)
    if locked.reading > 1:
        raise Conflict("A second reading is drawn blind; it gets no draft.", task=locked.pk)
    if locked.partition != Partition.POOL:
        raise Conflict("A benchmark case is drawn unaided; it gets no draft.", task=locked.pk)
    pinned = Proposal.objects.filter(task=locked, pinned_at__isnull=False).exists()
    if locked.state != State.OPEN or locked.head_id is not None or pinned:
        raise Conflict("Somebody has begun the case; a draft now would come too late.", task=locked.pk)
    if mask.volume_id != locked.volume_id:
        raise InvalidInput(f"The draft is for volume {mask.volume_id}, the task for volume {locked.volume_id}.")
    proposal, _ = Proposal.objects.update_or_create(
        task=locked,
        defaults={
            "patient_id": locked.patient_id,
            "partition": locked.partition,
            "mask": mask,
            "content": content,
            "model_version_id": model_version_id,
            "source": source,
        },
    )
    record(
        actor=None,
        action="task.proposal_offered",
        project_id=locked.project_id,
        subject=locked,
        source=source,
        mask=mask.sha256,
    )
    return proposal


@transaction.atomic
def start_from_import(
    *, user: User, task: Task, mask: Mask, found_mask: FoundMask, note: str, drawn_unaided: bool
) -> Revision:
    """An imported mask as the newest revision of a task that nobody has begun; note: what people should know of it.

    drawn_unaided: the user states that no model helped to draw it. Raises NotAllowed without the capability, Conflict
    for a task that is not open or holds anything but imports, and for one of the benchmark without the statement;
    InvalidInput for a mask of another volume.
    """
    locked = lock(task)
    require(user, locked.project, Capability.MANAGE_CASES)
    if mask.volume_id != locked.volume_id:
        raise InvalidInput(f"The mask is for volume {mask.volume_id}, the task for volume {locked.volume_id}.")
    if locked.state != State.OPEN or locked.revisions.exclude(origin=Origin.IMPORT).exists():
        raise Conflict("Somebody has begun the case; a mask can only be put into one that nobody has touched.")
    if locked.partition == Partition.BENCHMARK and not drawn_unaided:
        raise Conflict("A benchmark case is drawn unaided: state that this mask was.", needs="drawn_unaided")
    head = locked.revisions.select_related("mask").order_by("-number").first()
    changed = masks.changed_between(head.mask if head else None, mask)
    revision = _add_revision(
        locked,
        head,
        mask,
        origin=Origin.IMPORT,
        source=found_mask.source[:80],
        changed=masks.counts_json(changed),
        found_mask=found_mask,
        note=note,
    )
    record(
        actor=user,
        action="task.import_stored",
        project_id=locked.project_id,
        subject=locked,
        revision=revision.number,
        mask=mask.sha256,
        found_mask=found_mask.pk,
        drawn_unaided=drawn_unaided,
    )
    return revision


def lock(task: Task) -> Task:
    """The task's row, locked and fresh.

    What may change with it (head, assignee) is not joined here: PostgreSQL, having waited for the lock, re-reads the
    locked row alone and would pair it with the rows joined before.
    """
    return Task.objects.select_for_update(of=("self",)).select_related("volume").get(pk=task.pk)


def _open_task(project: Project, volume: Volume) -> Task:
    patient = volume.study.patient
    return Task(project=project, volume=volume, patient=patient, partition=patient.partition or "")


def _claim(user: User, locked: Task) -> Task:
    row = permissions.check(user, locked, Action.CLAIM)
    locked.assignee = user
    Proposal.objects.filter(task=locked, pinned_at__isnull=True).update(pinned_at=timezone.now())
    return _make_move(user, locked, Action.CLAIM, row)


def _make_move(user: User, locked: Task, action: Action, row: Move, **detail: Any) -> Task:
    """Write what the table's row says. Open tasks belong to nobody; all others keep who drew them."""
    before = State(locked.state)
    locked.state = row.to
    if locked.state == State.OPEN:
        locked.assignee = None
    locked.save(update_fields=["state", "assignee", "approved", "submitted_at", "updated_at"])
    _record(user, locked, action, before=before.value, after=str(locked.state), **detail)
    return locked


def _record(user: User, task: Task, action: Action, **detail: Any) -> None:
    record(actor=user, action=f"task.{action.value}", project_id=task.project_id, subject=task, **detail)


def _accepted(user: User, task: Task, head: Revision | None, wished: Cells | None) -> str:
    """Which cells of the proposal are taken now, and an event where that changed."""
    before = head.accepted if head else ""
    if wished is None or write_cells(wished) == before:
        return before
    proposal = selectors.visible_proposals().filter(task=task).select_related("mask__volume").first()
    if proposal is None and wished:
        raise Conflict("The case has no draft that could be taken.")
    held = proposal.content or masks.content_of(proposal.mask) if proposal else {}
    now = common(wished, {int(label): read_ranges(part["slices"]) for label, part in held.items()})
    was = read_cells(before)
    if write_cells(now) != before:
        record(
            actor=user,
            action="task.proposal_taken",
            project_id=task.project_id,
            subject=task,
            added=write_cells(without(now, was)),
            removed=write_cells(without(was, now)),
        )
    return write_cells(now)


def _add_revision(task: Task, parent: Revision | None, mask: Mask, **fields: Any) -> Revision:
    fields.setdefault("accepted", parent.accepted if parent else "")
    revision = Revision.objects.create(
        task=task, number=parent.number + 1 if parent else 1, parent=parent, mask=mask, **fields
    )
    task.head = revision
    task.save(update_fields=["head", "updated_at"])
    return revision


def _head_and_earlier(task: Task, key: str) -> tuple[Revision | None, Revision | None]:
    """The newest revision, and the one that this key has made already."""
    found = Revision.objects.filter(Q(pk=task.head_id) | Q(idempotency_key=key), task=task)
    rows = list(found.select_related("mask", "author"))
    head = next((row for row in rows if row.pk == task.head_id), None)
    return head, next((row for row in rows if row.idempotency_key == key), None)


def _same_answer(earlier: Revision, user: User, edits: list[masks.SliceEdit]) -> Revision:
    if earlier.author_id != user.pk or not masks.holds(earlier.mask, edits):
        raise Conflict("This Idempotency-Key was used for another save; take a new key for each.")
    return earlier


def _check_head(head: Revision | None, wanted: int) -> None:
    number = head.number if head else 0
    if number == wanted:
        return
    raise Stale(
        f"The case is at revision {number}; you have {wanted}. Load the new one; nothing of yours was overwritten.",
        head=number,
        by=head.author.display_name if head and head.author else None,
        at=head.created_at.isoformat() if head else None,
    )


def _pinned_head(task: Task, revision: int | None) -> Revision:
    if revision is None:
        raise PreconditionRequired("Say which revision you looked at: `revision` with its number.")
    head = Revision.objects.select_related("author").filter(task=task).order_by("-number").first()
    _check_head(head, revision)
    if head is None:
        raise Conflict("Nothing is drawn yet. Draw what is to be seen, then submit.")
    return head


def _check_pin(pin: Pin, volume: Volume) -> None:
    place = {"z": (pin.z, volume.size_z), "y": (pin.y, volume.size_y), "x": (pin.x, volume.size_x)}
    for axis, (index, size) in place.items():
        if index is not None and not 0 <= index < size:
            raise InvalidInput(f"A remark lies at {axis} = {index}; the volume has 0 to {size - 1}.")
