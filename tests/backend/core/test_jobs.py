import pytest
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from backend.core.jobs import enqueue, send_waiting
from backend.core.models import OutboxJob

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queue():
    """The broker's real queue, empty at the start and at the end."""
    with current_app.connection_for_read() as connection, connection.SimpleQueue("cpu") as waiting:
        waiting.clear()
        yield waiting
        waiting.clear()


def received(queue):
    jobs = []
    while True:
        try:
            message = queue.get(block=False)
        except queue.Empty:
            return jobs
        message.ack()
        jobs.append((message.headers["task"], message.payload[1]))


def refuse(*_, **__):
    raise OperationalError("connection refused")


@pytest.fixture
def no_broker(monkeypatch):
    monkeypatch.setattr(current_app._get_current_object(), "send_task", refuse)


def test_a_job_reaches_the_broker_when_the_transaction_commits(queue):
    with transaction.atomic():
        enqueue("annotation.open_tasks", project_id=7)
        assert received(queue) == []
    assert received(queue) == [("annotation.open_tasks", {"project_id": 7})]
    assert not OutboxJob.objects.exists()


def test_a_job_of_a_transaction_that_failed_never_leaves(queue):
    with transaction.atomic():
        enqueue("annotation.open_tasks", project_id=7)
        transaction.set_rollback(True)
    assert received(queue) == []
    assert not OutboxJob.objects.exists()


def test_a_job_waits_while_the_broker_is_away_and_the_change_stands(queue, no_broker):
    enqueue("annotation.open_tasks", project_id=7)
    assert OutboxJob.objects.get().arguments == {"project_id": 7}
    assert send_waiting() == 0
    assert OutboxJob.objects.count() == 1


def test_what_waited_is_sent_when_the_broker_is_back(queue, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(current_app._get_current_object(), "send_task", refuse)
        for number in range(3):
            enqueue("annotation.open_tasks", project_id=number)
    assert send_waiting(limit=2) == 2
    assert send_waiting() == 1
    assert [arguments["project_id"] for _, arguments in received(queue)] == [0, 1, 2]
    assert send_waiting() == 0
