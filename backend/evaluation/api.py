"""The benchmark over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.evaluation.selectors import benchmark, benchmark_cases
from backend.evaluation.serializers import BenchmarkSerializer


class BenchmarkView(APIView):
    """The cases that models are scored on."""

    @extend_schema(operation_id="benchmark_retrieve", responses=BenchmarkSerializer)
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(signed_in(request), slug, Capability.VIEW_ROUNDS)
        now, cases = benchmark(project), benchmark_cases(project)
        body = {
            "patients": len({case.pseudonym for case in cases}),
            "approved": len(now.references),
            "sha256": now.sha256 if now.references else "",
            "cases": cases,
        }
        return Response(BenchmarkSerializer(body).data)
