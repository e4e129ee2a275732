"""Every (state, action) by every kind of person, against the table as written."""

import itertools

import numpy as np
import pytest

from backend.accounts.roles import ROLE_CAPABILITIES, Role
from backend.annotation import services
from backend.annotation.checking import EVERY_WARNING
from backend.annotation.models import Task
from backend.annotation.workflow import MOVES, Action, Actor, State
from backend.audit.models import AuditEvent
from backend.core.errors import Conflict, NotAllowed, NotFound
from tests.backend.cohort import SHAPE_ZYX, Cohort, add_member

LABELS = {1: np.full(SHAPE_ZYX[1:], 5, dtype=np.uint8)}


def perform(action, user, task, *, revision=1):
    """Call the service of an action in its simplest right form."""
    calls = {
        Action.CLAIM: lambda: services.claim(user=user, task=task),
        Action.RELEASE: lambda: services.release(user=user, task=task),
        Action.SAVE: lambda: services.save(user=user, task=task, base=revision, key="again", slices=LABELS),
        Action.SUBMIT: lambda: services.submit(user=user, task=task, revision=revision, accepted=EVERY_WARNING),
        Action.APPROVE: lambda: services.approve(user=user, task=task, revision=revision),
        Action.RETURN: lambda: services.return_task(user=user, task=task, revision=revision, reason="Too wide."),
        Action.REOPEN: lambda: services.reopen(user=user, task=task),
        Action.WITHDRAW: lambda: services.withdraw(user=user, task=task),
        Action.ASK: lambda: services.ask_for_slices(user=user, task=task, slices=[1]),
    }
    calls[action]()


def bring_to(state, cohort, author):
    """A task in a state, with one revision drawn by the author, who also is its assignee where it has one."""
    task = services.claim(user=author, task=cohort.open_case())
    services.save(user=author, task=task, base=0, key="first", slices=LABELS)
    path = {
        State.OPEN: [(Action.RELEASE, author)],
        State.IN_PROGRESS: [],
        State.SUBMITTED: [(Action.SUBMIT, author)],
        State.APPROVED: [(Action.SUBMIT, author), (Action.APPROVE, cohort.radiologist)],
        State.WITHDRAWN: [(Action.WITHDRAW, cohort.manager)],
    }
    for action, user in path[state]:
        perform(action, user, task)
    return Task.objects.get(pk=task.pk)


def expected(state, action, role, *, is_author):
    """What the table says, read here without the product's own code."""
    needed = {row.capability for (_, name), row in MOVES.items() if name is action}
    row = MOVES.get((state, action))
    if not needed <= ROLE_CAPABILITIES[role]:
        return NotAllowed
    if row is None:
        return Conflict
    if (row.actor is Actor.ASSIGNEE and not is_author) or (row.actor is Actor.NOT_AUTHOR and is_author):
        return NotAllowed
    return row.to


@pytest.mark.parametrize("state", State)
def test_every_move_goes_as_the_table_says_for_every_role_and_actor(cohort, state):
    authors = {role: add_member(cohort.project, f"author-{role}", role) for role in (Role.ANNOTATOR, Role.RADIOLOGIST)}
    bystanders = {role: getattr(cohort, role.value) for role in Role}
    people = [(role, user, True) for role, user in authors.items()]
    people += [(role, user, False) for role, user in bystanders.items()]
    for (role, user, is_author), action in itertools.product(people, Action):
        task = bring_to(state, cohort, user if is_author else authors[Role.ANNOTATOR])
        events = AuditEvent.objects.filter(object_type="task", object_id=str(task.pk))
        before = events.count()
        wanted = expected(state, action, role, is_author=is_author)
        where = f"{state} {action} by {role}, {'author' if is_author else 'bystander'}"
        if isinstance(wanted, State):
            perform(action, user, task)
            assert Task.objects.get(pk=task.pk).state == wanted, where
            newest = events.first()
            assert (newest.action, newest.actor_id) == (f"task.{action}", user.pk), where
            assert events.count() == before + 1, where
        else:
            with pytest.raises(wanted):
                perform(action, user, task)
            assert Task.objects.get(pk=task.pk).state == state, where
            assert events.count() == before, where


@pytest.mark.parametrize("action", Action)
def test_somebody_of_another_project_finds_no_task_at_all(cohort, action):
    task = bring_to(State.SUBMITTED, cohort, cohort.annotator)
    with pytest.raises(NotFound):
        perform(action, Cohort("elsewhere").radiologist, task)


def test_no_way_leads_out_of_the_table():
    reachable, frontier = {State.OPEN}, [State.OPEN]
    while frontier:
        here = frontier.pop()
        fresh = {row.to for (state, _), row in MOVES.items() if state is here} - reachable
        reachable |= fresh
        frontier += fresh
    assert reachable == set(State)
    assert {action for _, action in MOVES} == set(Action)
