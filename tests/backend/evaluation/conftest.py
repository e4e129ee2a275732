from pathlib import Path

import pytest

from tests.backend.cohort import Cohort


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    for name in ("BLOB_DIR", "RUN_DIR", "EXPORT_DIR"):
        setattr(settings, name, Path(tmp_path) / name.lower())


@pytest.fixture
def cohort(db):
    return Cohort()
