import pytest

from backend.accounts.models import Membership, Project, User
from backend.accounts.roles import Role
from backend.exports.models import Snapshot
from backend.learning.models import Round, Run
from backend.learning.states import RoundState, RunKind, RunState


@pytest.fixture(autouse=True)
def store(own_folders):
    """Runs of one test are not found by another."""


@pytest.fixture
def project(db):
    return Project.objects.create(name="Study", slug="study")


@pytest.fixture
def manager(project):
    user = User.objects.create(username="manager")
    Membership.objects.create(project=project, user=user, role=Role.MANAGER)
    return user


@pytest.fixture
def make_run(project):
    """Make a round with one run, as far as the run's state says."""

    def make(state=RunState.QUEUED, kind=RunKind.TRAIN, **fields):
        number = Round.objects.filter(project=project).count() + 1
        snapshot = Snapshot.objects.create(project=project, number=number, manifest={"cases": []}, sha256="0" * 64)
        turn = Round.objects.create(
            project=project, number=number, state=RoundState.TRAINING, preset="smoke", snapshot=snapshot
        )
        return Run.objects.create(round=turn, kind=kind, state=state, **fields)

    return make
