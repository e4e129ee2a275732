"""The de-identification procedure as data: what becomes of each attribute, why, and which ones the import reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.tag import BaseTag, Tag

FILE = Path(__file__).with_name("procedure_v2.json")


class Action(StrEnum):
    """What happens to an attribute, in the letters of PS3.15 table E.1-1a. What no rule names is removed."""

    REMOVE = "X"
    EMPTY = "Z"
    KEEP = "K"
    CLEAN = "C"
    REMAP = "U"


NUMBERS = frozenset({"DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "US or SS", "UV"})
TEXTS = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})
MOMENTS = frozenset({"DA", "DT", "TM"})
# A kept value has a form that no free text fits; a cleaned one is text, a moment or an age.
ALLOWED = {
    Action.KEEP: NUMBERS | {"CS", "SQ", "UI"},
    Action.CLEAN: TEXTS | MOMENTS | {"AS"},
    Action.REMAP: frozenset({"UI"}),
}
WRITTEN_TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\) \S.*")
REPEATING = re.compile(r"\(([0-9A-F]{2})xx,xxxx\)")
PRIVATE = re.compile(r"\(([0-9A-F]{3}[13579BDF]),xx([0-9A-F]{2})\)")

PrivateTag = tuple[int, str, int]


@dataclass(frozen=True)
class Rule:
    """One attribute, what happens to it, and why.

    attribute: keyword, or tag and name. tag: of a standard attribute; family: the high byte of its group where groups
    repeat; private: group, creator, and the element's low byte. codes: values of a kept code; items: how many of a
    kept sequence stay, all where None.
    """

    attribute: str
    action: Action
    reason: str
    vr: str
    tag: BaseTag | None = None
    family: int | None = None
    private: PrivateTag | None = None
    codes: frozenset[str] = frozenset()
    items: int | None = None

    @property
    def written_tag(self) -> str:
        """`(gggg,eeee)`, with x for digits that vary."""
        if self.tag is not None:
            return f"({self.tag.group:04X},{self.tag.element:04X})"
        if self.private is not None:
            return f"({self.private[0]:04X},xx{self.private[2]:02X})"
        return self.attribute


@dataclass(frozen=True)
class Procedure:
    """A version of the procedure.

    identifying: attributes whose words are cut out of descriptions; importing: what else the import reads, and why in
    reading_reasons; summary: what is stored beside the header in plain form.
    """

    version: int
    edition: str
    basis: str
    options: tuple[str, ...]
    meanings: Mapping[Action, str]
    rules: tuple[Rule, ...]
    identifying: tuple[str, ...]
    importing: tuple[str, ...]
    summary: tuple[str, ...]
    reading_reasons: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def tags(self) -> list[BaseTag]:
        """Every attribute that is read of a file during the import."""
        return [Tag(keyword) for keyword in dict.fromkeys((*self.identifying, *self.importing))]

    @cached_property
    def by_tag(self) -> dict[int, Rule]:
        """Rules of standard attributes."""
        return {rule.tag: rule for rule in self.rules if rule.tag is not None}

    @cached_property
    def by_private_tag(self) -> dict[PrivateTag, Rule]:
        """Rules of private attributes."""
        return {rule.private: rule for rule in self.rules if rule.private is not None}

    @property
    def title(self) -> str:
        """The procedure in one line, as kept with each image."""
        return (
            f"Ninefold procedure {self.version}: {self.basis}, edition {self.edition}, with {', '.join(self.options)}"
        )


@cache
def procedure() -> Procedure:
    """The procedure in force."""
    return parse(json.loads(FILE.read_text(encoding="utf-8")))


def parse(value: dict[str, Any]) -> Procedure:
    """Check and build. Raises ValueError naming the attribute that breaks a rule."""
    if not isinstance(value.get("version"), int) or value.get("default") != Action.REMOVE:
        raise ValueError('a procedure needs "version", and "X" (remove) as its default')
    rules = tuple(rule for section in value["rules"] for rule in _rules(section))
    _check_once(rule.attribute for rule in rules)
    _check_once(str(rule.tag or rule.family or rule.private) for rule in rules)
    reads = value["reads"]
    return Procedure(
        version=value["version"],
        edition=value["edition"],
        basis=value["basis"],
        options=tuple(value["options"]),
        meanings={Action(letter): meaning for letter, meaning in value["actions"].items()},
        rules=rules,
        identifying=_known(reads["identifying"]["attributes"]),
        importing=_known(reads["importing"]["attributes"]),
        summary=_summary(value["summary"], rules),
        reading_reasons={name: part["reason"] for name, part in reads.items()},
    )


def _rules(section: dict[str, Any]) -> list[Rule]:
    """The rules of one section, which share action and reason."""
    action, reason = Action(section["action"]), section["reason"]
    found = [_standard(name, action, reason, section) for name in section.get("attributes", ())]
    for name, codes in section.get("codes", {}).items():
        found.append(_standard(name, action, reason, {"codes": codes}))
    found += [_private(entry, action, reason) for entry in section.get("private", ())]
    for rule in found:
        _check(rule)
    return found


def _standard(name: str, action: Action, reason: str, section: dict[str, Any]) -> Rule:
    repeating, written = REPEATING.fullmatch(name), WRITTEN_TAG.fullmatch(name)
    if repeating:
        return Rule(name, action, reason, "", family=int(repeating[1], 16))
    if written:  # too new for the dictionary at hand
        return Rule(name, action, reason, "", tag=Tag(int(written[1], 16), int(written[2], 16)))
    tag = tag_for_keyword(name)
    if tag is None:
        raise ValueError(f"{name} is no DICOM attribute")
    codes = frozenset(section["codes"]) if "codes" in section and name not in section.get("attributes", ()) else ()
    return Rule(
        name, action, reason, dictionary_VR(tag), tag=Tag(tag), codes=frozenset(codes), items=section.get("items")
    )


def _private(entry: dict[str, Any], action: Action, reason: str) -> Rule:
    match = PRIVATE.fullmatch(entry["element"])
    if match is None or not entry["creator"]:
        raise ValueError(f"{entry['element']} is no private element with a creator, such as (0019,xx0C)")
    name = f"{entry['element']} {entry['creator']}: {entry['name']}"
    place = (int(match[1], 16), entry["creator"], int(match[2], 16))
    return Rule(name, action, reason, entry["vr"], private=place, codes=frozenset(entry.get("values", ())))


def _check(rule: Rule) -> None:
    if not rule.reason:
        raise ValueError(f"{rule.attribute} needs a reason")
    allowed = ALLOWED.get(rule.action)
    if allowed is not None and rule.vr not in allowed:
        raise ValueError(
            f"{rule.attribute} is {rule.vr or 'of unknown form'}, which {rule.action} does not fit: it can hold free "
            "text or a person; remove, empty or clean it"
        )
    if rule.action is Action.KEEP and rule.vr == "CS" and not rule.codes:
        raise ValueError(f"{rule.attribute} is a code: name the values that are kept")


def _check_once(names: Iterable[str]) -> None:
    seen = set[str]()
    for name in names:
        if name in seen:
            raise ValueError(f"a procedure names each attribute once, {name} stands there twice")
        seen.add(name)


def _known(names: Iterable[str]) -> tuple[str, ...]:
    found = tuple(names)
    for name in found:
        if tag_for_keyword(name) is None:
            raise ValueError(f"{name} is no DICOM attribute")
    return found


def _summary(names: Iterable[str], rules: Iterable[Rule]) -> tuple[str, ...]:
    stored = {rule.attribute for rule in rules if rule.action in {Action.KEEP, Action.CLEAN}}
    found = tuple(names)
    for name in found:
        if name not in stored:
            raise ValueError(f"{name} is in the summary, and no rule keeps or cleans it")
    return found
