"""What the tests of every app share: a store of their own, a small project, and clients that are signed in."""

from pathlib import Path

import pytest
from django.test import Client

from tests.backend.cohort import Cohort


@pytest.fixture
def own_folders(settings, tmp_path):
    """Each test has its own store, so that nothing of another test is found by accident."""
    for name in ("BLOB_DIR", "RUN_DIR", "EXPORT_DIR", "UPLOAD_DIR", "QUARANTINE_DIR"):
        setattr(settings, name, Path(tmp_path) / name.lower())


@pytest.fixture
def cohort(db, own_folders):
    """A project with one member of each role."""
    return Cohort()


@pytest.fixture
def as_user():
    """A client that is signed in as a user."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in
