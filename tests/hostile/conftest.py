"""The folders and people of the import tests."""

from tests.backend.imaging.conftest import manager, member, own_folders, project

__all__ = ["manager", "member", "own_folders", "project"]
