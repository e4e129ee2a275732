"""What the words of a description say of a phase, a side or a plane. Never more than a hint. Pure."""

from __future__ import annotations

import re

START, END = r"(?<![^\W\d_])", r"(?![^\W\d_])"  # no letter before or behind: `_tra_` and `ph2` count, `trace` does not
BEFORE = re.compile(rf"{START}(pre|pre.?contrast|nativ\w*|unenhanced|non.?contrast|ohne|km.?los){END}", re.IGNORECASE)
ORDINAL = re.compile(rf"{START}(\d{{1,2}})(st|nd|rd|th){END}", re.IGNORECASE)
NUMBERED = re.compile(
    rf"{START}(?:post|pass|phase|ph|dyn\w*|tp|time|c|gd|km|contrast)[\W_]{{0,2}}(\d{{1,2}})(?!\d)", re.IGNORECASE
)
AFTER = re.compile(rf"{START}(post|post.?contrast){END}", re.IGNORECASE)
SIDES = {
    "left": re.compile(rf"{START}(left|lt|links|gauche|izquierd[ao]|esquerd[ao]){END}", re.IGNORECASE),
    "right": re.compile(rf"{START}(right|rt|rechts|droite?|derech[ao]|direit[ao]){END}", re.IGNORECASE),
}
PLANES = {
    "axial": re.compile(rf"{START}(ax|axial|axiale|tra|trans|transvers\w*){END}", re.IGNORECASE),
    "sagittal": re.compile(rf"{START}(sag|sagittal\w*){END}", re.IGNORECASE),
    "coronal": re.compile(rf"{START}(cor|coronal\w*|kor|koronar\w*){END}", re.IGNORECASE),
}


def rank_of(description: str) -> int | None:
    """Place among the phases that a description names: 0 before contrast, 1 for the first after it; None without."""
    if BEFORE.search(description):
        return 0
    found = ORDINAL.search(description) or NUMBERED.search(description)
    if found:
        return int(found[1])
    return 1 if AFTER.search(description) else None


def side_of(description: str) -> str:
    """`left` or `right` when one of them is named, and not the other."""
    return _only(SIDES, description)


def plane_of(description: str) -> str:
    """`axial`, `sagittal` or `coronal` when one of them is named, and no other."""
    return _only(PLANES, description)


def _only(patterns: dict[str, re.Pattern[str]], description: str) -> str:
    found = [name for name, pattern in patterns.items() if pattern.search(description)]
    return found[0] if len(found) == 1 else ""
