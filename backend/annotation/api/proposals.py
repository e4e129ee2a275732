"""The model's draft over HTTP."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.annotation import masks, proposals, selectors
from backend.annotation.api.masks import BINARY, BUNDLE_TYPE
from backend.annotation.api.serializers import TaskSerializer


class ProposalMask(APIView):
    """The draft of a task."""

    @extend_schema(operation_id="proposals_retrieve", responses=BINARY)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """All non-empty slices of the draft as a BMM1 bundle; 404 for a task that is drawn unaided."""
        proposal = selectors.proposal_for(signed_in(request), pk)
        etag = f'"{proposal.mask.sha256}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=304, headers=headers)
        content = masks.bundle(proposal.mask)
        return HttpResponse(content, content_type=BUNDLE_TYPE, headers={**headers, "Content-Encoding": "gzip"})


class DeclineProposal(APIView):
    """Start empty."""

    @extend_schema(operation_id="proposals_decline", request=None, responses=TaskSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Put the draft aside; parts of it may be taken later all the same."""
        user = signed_in(request)
        proposals.decline(user=user, task=selectors.task_for(user, pk))
        return Response(TaskSerializer(selectors.task_for(user, pk), context={"request": request}).data)
