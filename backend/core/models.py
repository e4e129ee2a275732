"""Abstract time stamps, and the outbox of jobs that wait to be sent."""

from __future__ import annotations

from django.db import models


class TimeStampedModel(models.Model):
    """When a row was made and last changed."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class OutboxJob(models.Model):
    """A job written in the transaction that wants it; removed once the broker has it."""

    name = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    queue = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} on {self.queue}"
