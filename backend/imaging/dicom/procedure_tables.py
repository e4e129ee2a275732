"""The procedure as tables for people to read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from backend.imaging.dicom.procedure import Action, Procedure, Rule

BEGIN, END = "<!-- the procedure's tables begin -->", "<!-- the procedure's tables end -->"


def with_tables(page: str, procedure: Procedure) -> str:
    """The page with the tables of the procedure between its marks. Raises ValueError when it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"need a page with {BEGIN!r} and {END!r}")
    tables = "\n".join(_lines(procedure))
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def _lines(procedure: Procedure) -> Iterator[str]:
    yield "| action | meaning | attributes |"
    yield "| --- | --- | --- |"
    for action in Action:
        count = sum(rule.action is action for rule in procedure.rules)
        yield f"| {action} | {procedure.meanings[action]} | {count} |"
    yield ""
    for (action, reason), rules in groupby(procedure.rules, key=lambda rule: (rule.action, rule.reason)):
        yield f"**{action}** {reason}"
        yield ""
        yield _names(rules)
        yield ""


def _names(rules: Iterable[Rule]) -> str:
    return ", ".join(f"`{rule.attribute}`" for rule in rules)
