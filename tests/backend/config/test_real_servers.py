"""The same supervisor on a PostgreSQL, a Redis and a RabbitMQ that run already, where there are any.

NINEFOLD_TEST_POSTGRES_URL (may create databases), NINEFOLD_TEST_REDIS_URL and NINEFOLD_TEST_RABBITMQ_URL name them.
"""

import os
import secrets
import socket
import subprocess
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import psycopg
import pytest
from kombu import Connection

from backend.config.env import ROOT
from backend.config.supervisor.ports import free_port
from tests.backend.config.test_supervisor import supervisor, wait_for
from tests.backend.config.users_of_servers import clean_environment, processes_below

POSTGRES = os.environ.get("NINEFOLD_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
BROKERS = {
    "redis": os.environ.get("NINEFOLD_TEST_REDIS_URL", "redis://127.0.0.1:6379/12"),
    "rabbitmq": os.environ.get("NINEFOLD_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}


JOBS = """
from django.db import transaction
from backend.accounts.models import Project
from backend.core.jobs import enqueue
with transaction.atomic():
    project = Project.objects.create(slug="proof", name="Proof")
    for queue in ("cpu", "gpu"):
        enqueue("annotation.open_tasks", queue=queue, project_id=project.pk)
"""


def need(url: str) -> None:
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex((parts.hostname, parts.port)) != 0:
            pytest.skip(f"NO SERVER AT {parts.hostname}:{parts.port}: this proof was not made")


@pytest.fixture
def database_url():
    need(POSTGRES)
    name = f"ninefold_srv_{secrets.token_hex(4)}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def exists(broker: Connection, queue: str) -> bool:
    """Whether another installation uses the broker: its jobs are not ours to run, nor to delete."""
    channel = broker.default_channel
    if broker.transport.driver_type == "redis":
        return bool(channel.client.exists(queue, f"_kombu.binding.{queue}"))
    try:
        channel.queue_declare(queue, passive=True)
    except broker.channel_errors:
        return False
    return True


@pytest.fixture(params=BROKERS)
def broker_url(request):
    url = BROKERS[request.param]
    need(url)
    with Connection(url) as broker:
        if any(exists(broker, queue) for queue in ("cpu", "gpu")):
            pytest.skip(f"QUEUES OF SOMEBODY ELSE AT {urlsplit(url).hostname}: this proof was not made")
    yield url
    with Connection(url) as broker:
        for queue in ("cpu", "gpu"):
            with suppress(broker.channel_errors):
                broker.SimpleQueue(queue).queue.delete()
        if request.param == "redis":
            client = broker.default_channel.client
            client.delete("nothing", *client.keys("_kombu*"))


def test_the_stack_runs_on_servers_that_the_environment_names(tmp_path, database_url, broker_url):
    port = free_port("127.0.0.1", 20300)
    running = supervisor(tmp_path, "--port", str(port), DATABASE_URL=database_url, BROKER_URL=broker_url)
    assert running.stdout is not None
    lines = []
    for line in running.stdout:
        lines.append(line)
        if "Ninefold is ready" in line:
            break
    assert "Ninefold is ready" in lines[-1], "".join(lines)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 0
    environment = clean_environment(tmp_path, DATABASE_URL=database_url, BROKER_URL=broker_url)
    subprocess.run([sys.executable, "manage.py", "shell", "-v", "0", "-c", JOBS], cwd=ROOT, env=environment, check=True)
    for queue in ("cpu", "gpu"):
        log = tmp_path / "log" / f"worker-{queue}.log"
        wait_for(lambda log=log: "Task annotation.open_tasks" in log.read_text() and "succeeded in" in log.read_text())
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / "redis").exists()
    running.terminate()
    assert running.wait(60) == 0
    assert processes_below(tmp_path) == []
