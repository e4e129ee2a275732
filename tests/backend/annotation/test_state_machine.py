"""Random walks of many people over many tasks, against a model of ten lines; raw SQL among the steps."""

import itertools
import os
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backend.accounts.roles import ROLE_CAPABILITIES, Role
from backend.annotation import selectors, services
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.masks import store_mask
from backend.annotation.models import Proposal, Revision, Task
from backend.annotation.workflow import MOVES, Action, Actor, State
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, NotAllowed, NotFound, Stale
from backend.exports.models import Snapshot
from tests.backend.annotation.raw_sql import attempts, refused
from tests.backend.cohort import SHAPE_ZYX, Cohort, add_member, some_labels

WALKS = int(os.environ.get("NINEFOLD_TEST_WALKS", "8"))  # of up to 60 steps; 200 make over 10,000
RUNS = itertools.count()
PEOPLE = ["annotator", "annotator2", "radiologist", "radiologist2", "manager", "scientist", "outsider"]
PARTITIONS = ["POOL", "POOL", "BENCHMARK"]


@dataclass
class Known:
    """What the model knows of a task."""

    partition: str
    state: State = State.OPEN
    assignee: str | None = None
    head: int = 0
    approved: int | None = None
    authors: set[str] = field(default_factory=set)
    draft: bool = False
    pinned: bool = False


class Walk(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        number = next(RUNS)
        self.cohort = Cohort(f"walk{number}")
        project = self.cohort.project
        self.users = {role.value: getattr(self.cohort, role.value) for role in Role}
        self.users["annotator2"] = add_member(project, f"walk{number}-annotator2", Role.ANNOTATOR)
        self.users["radiologist2"] = add_member(project, f"walk{number}-radiologist2", Role.RADIOLOGIST)
        self.users["outsider"] = Cohort(f"elsewhere{number}").radiologist
        self.tasks = [self.cohort.open_case(partition, phases=1) for partition in PARTITIONS]
        self.known = [Known(partition) for partition in PARTITIONS]
        self.snapshot = Snapshot.objects.create(project=project, number=1, manifest={}, sha256="0" * 64)
        self.changes = 0
        self.saves = 0

    @rule(
        who=st.sampled_from(PEOPLE),
        which=st.integers(0, len(PARTITIONS) - 1),
        action=st.sampled_from(Action),
        lag=st.sampled_from([0, 0, 0, 1]),
    )
    def act(self, who, which, action, lag):
        known, task = self.known[which], self.tasks[which]
        wanted = self._expected(known, who, action, lag)
        if isinstance(wanted, State):
            self._perform(action, self.users[who], task, known.head - lag)
            self._moved(known, who, action, wanted)
        else:
            with pytest.raises(wanted):
                self._perform(action, self.users[who], task, known.head - lag)

    @rule(which=st.integers(0, len(PARTITIONS) - 1), seed=st.integers(0, 9))
    def draft(self, which, seed):
        known, task = self.known[which], self.tasks[which]
        mask = store_mask(volume=task.volume, labels=some_labels(seed))
        takes = known.partition == "POOL" and known.state is State.OPEN and known.head == 0
        takes = takes and not known.pinned
        with nullcontext() if takes else pytest.raises(Conflict):
            services.offer_proposal(task=task, mask=mask, model_version_id=seed, source="model")
        known.draft = known.draft or takes

    @precondition(lambda self: self.known[0].head and self.known[2].head)
    @rule(pick=st.integers(0, 21))
    def raw_sql(self, pick):
        pool, _, benchmark = (Task.objects.select_related("head", "volume").get(pk=task.pk) for task in self.tasks)
        tries = sorted(attempts(pool, benchmark, self.snapshot.pk).items())
        what, (statement, values) = tries[pick % len(tries)]
        assert refused(statement, values), what

    @invariant()
    def rows_are_as_the_model_says(self):
        for known, task in zip(self.known, self.tasks, strict=True):
            row = Task.objects.select_related("assignee", "head", "approved", "patient").get(pk=task.pk)
            assert row.state == known.state
            assert row.assignee == (self.users[known.assignee] if known.assignee else None)
            assert (row.head.number if row.head else 0) == known.head
            assert (row.approved.number if row.approved else None) == known.approved
            assert row.partition == row.patient.partition == known.partition

    @invariant()
    def nothing_of_the_benchmark_has_a_draft(self):
        assert not Proposal.objects.filter(task__patient__partition="BENCHMARK").exists()
        assert not Revision.objects.filter(task__patient__partition="BENCHMARK", origin="model").exists()

    @invariant()
    def every_change_has_one_audit_row(self):
        moves = [f"task.{action}" for action in Action]
        assert AuditEvent.objects.filter(project_id=self.cohort.project.pk, action__in=moves).count() == self.changes

    @invariant()
    def the_screen_offers_what_the_services_do(self):
        who = PEOPLE[self.changes % 6]  # all but the outsider, in turn
        for row in selectors.worklist(self.users[who]).filter(project=self.cohort.project):
            known = self.known[[task.pk for task in self.tasks].index(row.pk)]
            may = [action for action in Action if isinstance(self._by_the_table(known, who, action), State)]
            assert selectors.actions_for(self.users[who], row) == may

    def _expected(self, known, who, action, lag):
        wanted = self._by_the_table(known, who, action)
        if not isinstance(wanted, State):
            return wanted
        if action in {Action.SUBMIT, Action.APPROVE, Action.RETURN, Action.SAVE} and lag:
            return Stale
        return Conflict if action is Action.SUBMIT and known.head == 0 else wanted

    def _by_the_table(self, known, who, action):
        if who == "outsider":
            return NotFound
        row = MOVES.get((known.state, action))
        needed = next(row.capability for (_, name), row in MOVES.items() if name is action)
        if needed not in ROLE_CAPABILITIES[Role(who.rstrip("2"))]:
            return NotAllowed
        if row is None:
            return Conflict
        if (row.actor is Actor.ASSIGNEE and known.assignee != who) or (
            row.actor is Actor.NOT_AUTHOR and who in known.authors
        ):
            return NotAllowed
        return row.to

    def _perform(self, action, user, task, head):
        self.saves += 1
        slices = {1: np.full(SHAPE_ZYX[1:], 1 + self.saves % 9, dtype=np.uint8)}
        key = f"{self.cohort.project.pk}-{self.saves}"
        {
            Action.CLAIM: lambda: services.claim(user=user, task=task),
            Action.RELEASE: lambda: services.release(user=user, task=task),
            Action.SAVE: lambda: services.save(user=user, task=task, base=head, key=key, slices=slices),
            Action.SUBMIT: lambda: services.submit(user=user, task=task, revision=head, accepted=EVERY_WARNING),
            Action.APPROVE: lambda: services.approve(user=user, task=task, revision=head),
            Action.RETURN: lambda: services.return_task(user=user, task=task, revision=head, reason="No."),
            Action.REOPEN: lambda: services.reopen(user=user, task=task),
            Action.WITHDRAW: lambda: services.withdraw(user=user, task=task),
            Action.ASK: lambda: services.ask_for_slices(user=user, task=task, slices=[head % 2, 2]),
        }[action]()

    def _moved(self, known, who, action, to):
        self.changes += 1
        if action is Action.CLAIM:
            known.assignee = who
            known.pinned = known.pinned or known.draft
        if action is Action.SAVE:
            known.head += 1
            known.authors.add(who)
        known.approved = known.head if to is State.APPROVED else None
        known.state = to
        if to is State.OPEN:
            known.assignee = None


@pytest.mark.django_db
def test_no_walk_leaves_the_table_or_crosses_the_wall(own_folders):
    run_state_machine_as_test(
        Walk,
        settings=hypothesis_settings(
            max_examples=WALKS,
            stateful_step_count=60,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
