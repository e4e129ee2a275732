"""Django's command line. Without a DATABASE_URL it starts, or joins, the embedded PostgreSQL and Redis first."""

import os
import sys

from backend.config.embedded import ensure_services

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
    ensure_services()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
