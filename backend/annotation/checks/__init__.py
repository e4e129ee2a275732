"""Checks of a drawing before it goes to review: rules as data, and findings with the place to look at. Pure."""

from backend.annotation.checks.check import check
from backend.annotation.checks.defaults import default_rules
from backend.annotation.checks.drawing import Drawing
from backend.annotation.checks.finding import Finding, Severity
from backend.annotation.checks.rules import KINDS, Kind, Rule, RuleName, read_rules

__all__ = [
    "KINDS",
    "Drawing",
    "Finding",
    "Kind",
    "Rule",
    "RuleName",
    "Severity",
    "check",
    "default_rules",
    "read_rules",
]
