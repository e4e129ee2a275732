"""How unsure a model was of a case, for those who may know it.

A benchmark case is drawn unaided and a second reading blind: neither query below ever finds anything for them.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from backend.accounts.models import User
from backend.annotation.models import Proposal, Task
from backend.annotation.selectors import visible_tasks
from backend.core.errors import NotFound
from backend.imaging.models import Partition
from backend.learning.models import Prediction

FIRST_READING = 1


def aided_tasks() -> QuerySet[Task]:
    """Tasks that may be helped by a model: those of the pool that are no second reading."""
    return Task.objects.filter(partition=Partition.POOL, patient__partition=Partition.POOL, reading=FIRST_READING)


def doubt_for(user: User, task_id: int) -> Prediction | None:
    """What the model that drafted a visible task, else the newest one, said of its volume; None when none may be shown.

    Raises NotFound for a task that the user does not see.
    """
    if not visible_tasks(user).filter(pk=task_id).exists():
        raise NotFound("There is no such task, or you may not see it.")
    drafted = Proposal.objects.filter(task=task_id, model_version_id=OuterRef("model_version_id"))
    told = Prediction.objects.filter(volume__in=aided_tasks().filter(pk=task_id).values("volume"))
    newest_first = told.annotate(drafted=Exists(drafted)).order_by("-drafted", "-model_version__number")
    return newest_first.select_related("model_version").first()
