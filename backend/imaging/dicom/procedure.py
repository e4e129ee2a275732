"""The de-identification procedure as data: what is read of a file at all, and what becomes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.tag import BaseTag, Tag


class Action(StrEnum):
    """What happens to an attribute. Whatever the procedure does not list is never read."""

    HASH = "hash"
    REMAP = "remap"
    SHIFT = "shift"
    DERIVE = "derive"
    CLEAN = "clean"
    KEEP = "keep"
    USE = "use"
    STRIP = "strip"


# A kept value has a form that no free text fits: numbers, and codes of a list.
KEPT_VR = frozenset({"CS", "DS", "FD", "FL", "IS", "US"})


@dataclass(frozen=True)
class Rule:
    """One attribute by its DICOM keyword, the action, and why. values: codes that are kept; any other is left out."""

    attribute: str
    action: Action
    reason: str
    values: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Procedure:
    """A version of the procedure."""

    version: int
    rules: tuple[Rule, ...]

    @cached_property
    def tags(self) -> list[BaseTag]:
        """Every attribute that is read."""
        return [Tag(rule.attribute) for rule in self.rules]

    def with_action(self, action: Action) -> list[Rule]:
        """Rules with the action, in the order of the file."""
        return [rule for rule in self.rules if rule.action is action]


@cache
def procedure() -> Procedure:
    """The procedure in force."""
    return parse(json.loads(Path(__file__).with_name("procedure_v1.json").read_text()))


def parse(value: dict[str, object]) -> Procedure:
    """Check and build. Raises ValueError naming the attribute that breaks a rule."""
    entries, version = value.get("attributes"), value.get("version")
    if not isinstance(entries, list) or not isinstance(version, int) or value.get("default") != "remove":
        raise ValueError('a procedure needs "version", "attributes", and "remove" as its default')
    rules = tuple(_rule(entry) for entry in entries)
    for rule in rules:
        _check(rule)
    if len({rule.attribute for rule in rules}) != len(rules):
        raise ValueError("a procedure names each attribute once")
    return Procedure(version=version, rules=rules)


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(entry["attribute"], Action(entry["action"]), entry["reason"], frozenset(entry.get("values", ())))


def _check(rule: Rule) -> None:
    if tag_for_keyword(rule.attribute) is None:
        raise ValueError(f"{rule.attribute} is no DICOM attribute")
    if not rule.reason:
        raise ValueError(f"{rule.attribute} needs a reason")
    if rule.action is not Action.KEEP:
        return
    if dictionary_VR(rule.attribute) not in KEPT_VR:
        raise ValueError(f"{rule.attribute} can hold free text: clean it, do not keep it")
    if dictionary_VR(rule.attribute) == "CS" and not rule.values:
        raise ValueError(f"{rule.attribute} is a code: name the values that are kept")
