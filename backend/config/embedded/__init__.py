"""The embedded PostgreSQL and Redis: started when nobody named other servers, shared by every process that needs them.

Each server belongs to one guard process. Users hold a shared file lock; the guard stops its server when the last lock
is gone, however its holder ended, so that neither a crash nor a kill leaves a server behind.
"""

from backend.config.embedded.errors import EmbeddedError
from backend.config.embedded.membership import ensure_services, leave_services

__all__ = ["EmbeddedError", "ensure_services", "leave_services"]
