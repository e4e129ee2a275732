"""Rules of the house that no linter knows. Each names what to do instead."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 500
MAX_FUNCTION_LINES = 80
APPS = ["accounts", "annotation", "audit", "core", "evaluation", "exports", "imaging", "learning"]
# Inside an app: a module may import those of its own or a lower step.
STEPS = {"models": 0, "permissions": 1, "selectors": 2, "services": 3, "api": 4, "jobs": 4}
MACHINE_PATH = re.compile(r"(?<![\w.$}-])/(?:home|root|Users|mnt|work)/\w")
BINARY = {".png", ".ico", ".woff2", ".zip", ".gz", ".jpg", ".npy", ".dcm"}
GENERATED = {"frontend/package-lock.json", "frontend/src/api/schema.d.ts"}


@cache
def tracked():
    """Files of the repository, with those that are about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return sorted(path for path in map(Path, names) if (ROOT / path).is_file())


def sources(*folders):
    """Python files below the folders, migrations left out."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and path.parts[0] in folders and "migrations" not in path.parts
    ]


@cache
def tree(path):
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def imports(path):
    """Full names of all that a file imports, `from a import b` as a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path):
    """Dotted names of all that a file calls, with the call."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_there_is_something_to_look_at():
    assert len(sources("backend")) > 80
    assert len(sources("ml")) > 30


def test_only_the_configuration_reads_the_environment():
    """Elsewhere take the value from `django.conf.settings`; a new variable goes into backend/config/env.py."""
    readers = {
        path
        for path in sources("backend")
        if path.parts[1] != "config"
        and any(
            isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"}
            for node in ast.walk(tree(path))
        )
    }
    assert readers == set()


def test_only_commands_print():
    """Elsewhere log an event with ids: `logger.info("thing.done id=%s", pk)`."""
    printing = {
        path
        for path in sources("backend", "ml")
        if any(name == "print" for name, _ in calls(path))
        and "commands" not in path.parts
        and path != Path("ml/cli.py")
    }
    assert printing == set()


def test_only_annotation_services_write_the_state_of_a_task():
    """Call the service of the move; a new kind of move is a row in annotation/workflow.py."""
    writers = set()
    for path in sources("backend"):
        for node in ast.walk(tree(path)):
            if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and _sets_task_state(node):
                writers.add(path)
        for name, call in calls(path):
            with_state = any(keyword.arg == "state" for keyword in call.keywords)
            ends = (".update", ".create", ".update_or_create", ".get_or_create")
            if with_state and re.match(r"(\w+\.)?Task(\.|$)", name) and (name.endswith("Task") or name.endswith(ends)):
                writers.add(path)
    assert writers - {Path("backend/annotation/services.py")} == set()
    assert Path("backend/annotation/services.py") in writers, "the rule no longer sees what it guards"


def _sets_task_state(node):
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [ast.unparse(target) for target in targets]
    return any(re.fullmatch(r"(\w+\.)*(task|locked)\.state", name) for name in names)


def test_only_jobs_open_the_door_to_the_gpu():
    """Have a job do it: the gateway is imported by what the jobs call, and that by the jobs alone."""
    behind = {Path("backend/learning/preparing.py"), Path("backend/learning/collecting.py")}
    users = {path for path in sources("backend") if "backend.learning.gateway" in _modules(path)}
    assert users == behind
    for module in ("preparing", "collecting"):
        callers = {path for path in sources("backend") if f"backend.learning.{module}" in _modules(path)}
        assert callers <= behind | {Path("backend/learning/jobs.py")}


def _modules(path):
    names = set(imports(path))
    return names | {name.rpartition(".")[0] for name in names}


def test_jobs_are_named_and_never_imported():
    """Enqueue by name: `enqueue("app.job", …)`."""
    jobs = {f"backend.{app}.jobs" for app in APPS if app != "core"}  # core has the queue's door
    assert {path for path in sources("backend") if _modules(path) & jobs} == set()


def test_every_job_that_is_enqueued_exists():
    defined, wanted = set(), set()
    for path in sources("backend"):
        for name, call in calls(path):
            if name.endswith("shared_task"):
                defined |= {ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg == "name"}
            if name.endswith("enqueue") and call.args and isinstance(call.args[0], ast.Constant):
                wanted.add(call.args[0].value)
    assert wanted - defined == set()
    assert len(wanted) >= 4


@pytest.mark.parametrize("app", APPS)
def test_inside_an_app_nothing_imports_upward(app):
    """api | jobs → services → selectors → permissions → models."""
    wrong = []
    for path in sources("backend"):
        if path.parts[1] != app:
            continue
        own = STEPS.get(path.parts[2].removesuffix(".py"))
        for name in imports(path):
            step = STEPS.get(name.split(".")[2]) if name.startswith(f"backend.{app}.") else None
            if own is not None and step is not None and step > own:
                wrong.append(f"{path} imports {name}")
    assert wrong == []


def test_files_stay_short():
    """Split the file by noun."""
    code = {".py", ".ts", ".tsx", ".css"}
    long = {
        str(path): lines
        for path in tracked()
        if path.suffix in code and str(path) not in GENERATED
        if (lines := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert long == {}


def test_functions_stay_short():
    """Name the steps and call them."""
    long = {
        f"{path}:{node.name}": node.end_lineno - node.lineno + 1
        for path in sources("backend", "ml", "tests")
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_no_file_is_a_drawer_for_everything():
    """Name the noun that the functions are about."""
    drawers = {"util", "utils", "helper", "helpers", "common", "misc"}
    assert [path for path in tracked() if path.name.split(".")[0].lower() in drawers] == []


def test_no_path_of_one_machine_is_in_the_repository():
    """Take the path from the settings, or from where the file lies."""
    found = []
    for path in tracked():
        if path.suffix in BINARY or str(path) in GENERATED:
            continue
        text = (ROOT / path).read_text(encoding="utf-8", errors="ignore")
        found += [f"{path}: {match[0]}" for match in MACHINE_PATH.finditer(text)]
    assert found == []


def test_migrations_of_an_app_follow_one_another():
    """Two migrations with one number were written at the same time: renumber the later one."""
    for app in APPS:
        numbers = sorted(path.name[:4] for path in (ROOT / "backend" / app / "migrations").glob("0*.py"))
        assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)], app
