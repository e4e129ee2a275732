"""Services for the tests: PostgreSQL and Redis in a folder of their own, unless the environment names others.

Settings read the environment when they are imported, so this runs as this file is loaded, before any of them.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_VAR = Path(tempfile.mkdtemp(prefix="ninefold-tests-"))
atexit.register(shutil.rmtree, _VAR, ignore_errors=True)
os.environ["NINEFOLD_VAR"] = str(_VAR)
os.environ["DJANGO_SETTINGS_MODULE"] = "backend.config.settings"

from backend.config.embedded import ensure_services  # noqa: E402

ensure_services(durable=False)

import django  # noqa: E402

django.setup()
