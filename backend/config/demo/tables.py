"""The simulation's outcome as tables: for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from backend.annotation.labels import Label
from backend.config.demo.simulation import Batch, Turn
from ml.metrics.masks import mean_score


@dataclass(frozen=True)
class Grid:
    """Rows of text under a title."""

    title: str
    header: list[str]
    rows: list[list[str]]

    def to_rich(self) -> Table:
        """For the terminal."""
        table = Table(title=self.title, title_justify="left")
        for name in self.header:
            table.add_column(name, justify="right")
        for row in self.rows:
            table.add_row(*row)
        return table

    def to_markdown(self) -> str:
        """For a document."""
        rule = ["---:"] * len(self.header)
        lines = [f"| {' | '.join(cells)} |" for cells in (self.header, rule, *self.rows)]
        return f"{self.title}\n\n" + "\n".join(lines) + "\n"


def dice_grid(turns: Sequence[Turn], labels: Sequence[Label]) -> Grid:
    """Mean Dice on the benchmark, by round and label."""
    header = ["round", "approved cases", "trained on", "mean", *(label.name for label in labels), "outcome"]
    rows = [
        [
            str(turn.number),
            str(turn.approved),
            str(turn.trained),
            _score(mean_score(turn.dice)),
            *(_score(turn.dice.get(label.value)) for label in labels),
            "promoted" if turn.state == "done" else turn.state,
        ]
        for turn in turns
    ]
    return Grid("Dice on the benchmark, mean over its cases", header, rows)


def effort_grid(first: Batch, turns: Sequence[Turn], labels: Sequence[Label]) -> Grid:
    """Voxels that people changed from the draft to the approved mask, per case of each batch."""
    batches = [("drawn from empty", first)]
    batches += [(f"corrected after round {turn.number}", turn.corrected) for turn in turns]
    return _effort("Correction effort: voxels changed from draft to approved mask, per case", batches, labels)


def hindsight_grid(by_round: Mapping[int, Batch], labels: Sequence[Label]) -> Grid:
    """The same cases with the drafts of one model after the other."""
    batches = [(f"drafts of round {number}", batch) for number, batch in by_round.items()]
    return _effort("The last batch, had it been corrected from the drafts of each promoted model", batches, labels)


def _effort(title: str, batches: Sequence[tuple[str, Batch]], labels: Sequence[Label]) -> Grid:
    header = ["batch", "cases", "all labels", *(label.name for label in labels)]
    rows = [
        [
            name,
            str(batch.cases),
            f"{batch.voxels_per_case:.0f}",
            *(f"{batch.effort[label.value] / batch.cases:.0f}" for label in labels),
        ]
        for name, batch in batches
    ]
    return Grid(title, header, rows)


def _score(dice: float | None) -> str:
    return "–" if dice is None else f"{dice:.3f}"
