"""How good a model is on patients that no model has touched."""

from __future__ import annotations

from django.db import models

from backend.accounts.models import Project
from backend.annotation.models import Revision
from backend.core.models import TimeStampedModel


class Evaluation(TimeStampedModel):
    """One model against the benchmark as it stood. benchmark_sha256: hash over its patients' approved masks."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="evaluations")
    benchmark_sha256 = models.CharField(max_length=64)
    metric_version = models.CharField(max_length=40)
    cases = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"evaluation {self.pk}"


class Score(models.Model):
    """Dice of one label in one case; empty where the label is absent from reference and prediction alike."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="scores")
    reference = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    label = models.PositiveSmallIntegerField()
    dice = models.FloatField(null=True)

    class Meta:
        ordering = ["label", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "reference", "label"], name="score_once"),
            models.CheckConstraint(
                condition=models.Q(dice__isnull=True) | models.Q(dice__gte=0, dice__lte=1), name="score_dice_in_0_1"
            ),
        ]

    def __str__(self) -> str:
        return f"label {self.label}: {self.dice}"
