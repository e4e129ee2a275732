"""Kept while the apps move to `backend.core.pagination`, which they may import."""

from backend.core.pagination import NewestFirst, OldestFirst

__all__ = ["NewestFirst", "OldestFirst"]
