"""Pixels and pictures: immutable bytes that a browser may keep."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.core import blobs
from backend.core.errors import NotFound
from backend.imaging import selectors

IMMUTABLE = "private, max-age=31536000, immutable"


class ChunkView(APIView):
    """A block of slices of a phase, coded as the phase's `codec` says; its gzip is the answer's Content-Encoding."""

    @extend_schema(
        operation_id="chunks_retrieve",
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY), 304: None},
    )
    def get(self, request: Request, volume_id: int, index: int, number: int) -> HttpResponseBase:
        return chunk_response(request, selectors.chunk_for(signed_in(request), volume_id, index, number))


class ThumbnailView(APIView):
    """A volume's picture."""

    @extend_schema(
        operation_id="thumbnails_retrieve",
        responses={(200, "image/png"): OpenApiResponse(OpenApiTypes.BINARY), 304: None},
    )
    def get(self, request: Request, volume_id: int) -> HttpResponseBase:
        digest = selectors.thumbnail_for(signed_in(request), volume_id)
        return blob_response(request, digest, content_type="image/png")


class VolumeProjectionView(APIView):
    """A volume's maximum intensity projection along its slices: of a DCE that of its last phase less the first."""

    @extend_schema(
        operation_id="volume_projections_retrieve",
        responses={(200, "image/png"): OpenApiResponse(OpenApiTypes.BINARY), 304: None},
    )
    def get(self, request: Request, volume_id: int) -> HttpResponseBase:
        digest = selectors.projection_for(signed_in(request), volume_id)
        return blob_response(request, digest, content_type="image/png")


def versioned(address: str, digest: str) -> str:
    """Address of bytes that may be kept for good: other bytes at the same place have another address."""
    return f"{address}?v={digest[:16]}"


def chunk_response(request: Request, digest: str) -> HttpResponseBase:
    """A block of pixels. Raises NotFound for the address of an earlier one, which an open page may still hold."""
    version = request.query_params.get("v")
    if version is not None and not digest.startswith(version):
        raise NotFound("The phases of this volume have changed: load the page again.")
    response = blob_response(request, digest, content_type="application/octet-stream")
    if response.status_code == 200:
        response.headers["Content-Encoding"] = "gzip"
    return response


def blob_response(request: Request | HttpRequest, digest: str, *, content_type: str) -> HttpResponseBase:
    """The blob, or 304 when the browser has it. The proxy sends the bytes where there is one."""
    etag = f'"{digest}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in known or "*" in known:
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        response = _sent(digest, content_type, with_body=request.method != "HEAD")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = IMMUTABLE
    return response


def _sent(digest: str, content_type: str, *, with_body: bool) -> HttpResponseBase:
    """Without a proxy the open file goes to the web server as it is, whose kernel then sends it (sendfile)."""
    if settings.ACCEL_REDIRECT:
        return HttpResponse(content_type=content_type, headers={"X-Accel-Redirect": f"/_blobs/{digest[:2]}/{digest}"})
    path = blobs.path_of(digest)
    if not path.is_file():
        raise NotFound("The image is missing from the store; the administrator can restore it from the backup.")
    if not with_body:
        return HttpResponse(content_type=content_type, headers={"Content-Length": str(path.stat().st_size)})
    return FileResponse(path.open("rb"), content_type=content_type)
