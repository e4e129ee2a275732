"""Versions of what computes, written beside every result."""

from __future__ import annotations

import platform
from importlib.metadata import version

_PACKAGES = ("nnunetv2", "torch", "numpy", "dynamic-network-architectures", "batchgeneratorsv2", "SimpleITK")


def versions() -> dict[str, str]:
    """Version by package name, and Python's own."""
    return {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}
