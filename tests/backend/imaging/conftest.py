"""Projects with members, folders of their own, and real studies where the shared data is at hand."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from django.test import Client

from backend.accounts.models import Membership, Project, User
from backend.accounts.roles import Role
from backend.imaging.models import ImportRun
from backend.imaging.services import import_folder
from tests.backend.imaging.dicom_files import StudyWriter
from tests.backend.imaging.tus import begin

SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.UPLOAD_DIR = tmp_path / "uploads"
    settings.QUARANTINE_DIR = tmp_path / "quarantine"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def project(db) -> Project:
    return Project.objects.create(slug="breast", name="Breast")


@pytest.fixture
def member(project):
    def make(role: Role, name: str = "") -> User:
        user = User.objects.create_user(username=name or role.value, password="-")
        Membership.objects.create(project=project, user=user, role=role)
        return user

    return make


@pytest.fixture
def manager(member) -> User:
    return member(Role.MANAGER)


@pytest.fixture
def outsider(db) -> User:
    user = User.objects.create_user(username="outsider", password="-")
    other = Project.objects.create(slug="other", name="Other")
    Membership.objects.create(project=other, user=user, role=Role.MANAGER)
    return user


@pytest.fixture
def signed_in():
    def make(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return make


@pytest.fixture
def client(signed_in, manager) -> Client:
    return signed_in(manager)


@pytest.fixture
def another(signed_in, member) -> Client:
    """Another manager of the same project."""
    return signed_in(member(Role.MANAGER, "another"))


@pytest.fixture
def url(client) -> str:
    """The address of an upload of four small files."""
    return str(begin(client).json()["url"])


@pytest.fixture
def incoming(tmp_path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


@pytest.fixture
def study(incoming) -> StudyWriter:
    return StudyWriter(incoming)


@pytest.fixture
def import_it(project, manager, incoming):
    """Import the incoming folder, or another."""

    def run(folder: Path | None = None, **options) -> ImportRun:
        return import_folder(project=project, folder=folder or incoming, started_by=manager, source="test", **options)

    return run


def shared(name: str) -> Path:
    """A folder of third-party data, which is not part of the project."""
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"third-party data {name} is not beside this checkout")
    return folder


def extracted(archives: list[Path], folder: Path) -> Path:
    for archive in archives:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="session")
def duke_folder(tmp_path_factory) -> Path:
    source = shared("duke_153")
    folder = extracted(sorted(source.glob("*.tar.xz")), tmp_path_factory.mktemp("duke"))
    for path in source.glob("*.dcm"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="session")
def uta4_folder(tmp_path_factory) -> Path:
    return extracted(sorted(shared("uta4_p1").glob("*.tar.xz")), tmp_path_factory.mktemp("uta4"))
