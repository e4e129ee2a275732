"""What the API says about the benchmark."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class BenchmarkCaseSerializer(serializers.Serializer[Any]):
    """A task of a benchmark patient, or a patient who has none yet."""

    pseudonym = serializers.CharField()
    task_id = serializers.IntegerField(allow_null=True)
    state = serializers.CharField()


class BenchmarkSerializer(serializers.Serializer[Any]):
    """The benchmark as it stands; approved counts the references that models are scored against."""

    patients = serializers.IntegerField()
    approved = serializers.IntegerField()
    sha256 = serializers.CharField()
    cases = BenchmarkCaseSerializer(many=True)
