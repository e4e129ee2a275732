"""How good a model is on patients that no model has touched."""

from __future__ import annotations

from django.db import models

from backend.accounts.models import Project
from backend.annotation.models import Revision
from backend.core.models import TimeStampedModel
from ml.metrics.lesions import Detection


class Evaluation(TimeStampedModel):
    """One model against the benchmark as it stood. benchmark_sha256: hash over its patients' approved masks."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="evaluations")
    benchmark_sha256 = models.CharField(max_length=64)
    metric_version = models.CharField(max_length=120)
    cases = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"evaluation {self.pk}"


class Score(models.Model):
    """One label in one case, as `evaluation.measuring.Measures`; a measure is empty where it is not defined.

    Rows of before the measures beside Dice have those empty: `Evaluation.metric_version` tells.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="scores")
    reference = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    label = models.PositiveSmallIntegerField()
    dice = models.FloatField(null=True)
    iou = models.FloatField(null=True)
    ppv = models.FloatField(null=True)
    sensitivity = models.FloatField(null=True)
    nsd = models.FloatField(null=True)
    hd95_mm = models.FloatField(null=True)
    assd_mm = models.FloatField(null=True)
    reference_ml = models.FloatField(null=True)
    predicted_ml = models.FloatField(null=True)
    lesions_found = models.PositiveIntegerField(null=True)
    lesions_missed = models.PositiveIntegerField(null=True)
    lesions_false = models.PositiveIntegerField(null=True)

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

    @property
    def detection(self) -> Detection:
        """Whole bodies found, missed and made up."""
        return Detection(self.lesions_found or 0, self.lesions_missed or 0, self.lesions_false or 0)

    @property
    def volume_difference_ml(self) -> float | None:
        """Predicted less reference volume; None where the label is absent from both, or volumes were not measured."""
        if self.dice is None or self.reference_ml is None or self.predicted_ml is None:
            return None
        return self.predicted_ml - self.reference_ml
