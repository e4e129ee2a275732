"""Uploads over HTTP: begun with a list of the files, then sent as one stream by the tus protocol, version 1.0.

https://tus.io/protocols/resumable-upload: the core protocol and the termination extension. Creation is a request of our
own, because the list of the files goes with it. There is no checksum extension: it would throw away the part of a piece
that arrived before a connection broke.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, UnreadablePostError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.core.errors import DomainError, InvalidInput, TooLarge
from backend.imaging.api.serializers import upload_url
from backend.imaging.models import Partition, Upload
from backend.imaging.uploads import selectors, services
from backend.imaging.uploads.manifest import MAX_BYTES, MAX_FILES, Manifest

TUS = "1.0.0"
STREAM = "application/offset+octet-stream"
MAX_MANIFEST_BYTES = 16 * 2**20  # 50,000 names of 300 characters
MAX_PIECE_BYTES = 64 * 2**20
READ_BYTES = 64 * 2**10  # what is read but not whole is lost when a connection breaks
STALL_S = 30.0

WHOLE = {"type": "integer", "format": "int64"}
FILES_SCHEMA = {
    "type": "object",
    "description": "The files in the order of their stream: an entry for each in every list.",
    "required": ["names", "sizes", "modified"],
    "properties": {
        "names": {
            "type": "array",
            "items": {"type": "string"},
            "maxItems": MAX_FILES,
            "description": "Paths inside of the chosen folder; forgotten when the import ends.",
        },
        "sizes": {"type": "array", "items": WHOLE, "maxItems": MAX_FILES, "description": "Bytes."},
        "modified": {
            "type": "array",
            "items": WHOLE,
            "maxItems": MAX_FILES,
            "description": "Milliseconds since 1970, by which a changed file is told from the same one.",
        },
    },
}


@extend_schema_field(FILES_SCHEMA)
class ManifestField(serializers.Field[Manifest, Any, Any, Any]):
    """The list of the files."""

    def to_internal_value(self, data: Any) -> Manifest:
        return Manifest.from_json(data)

    def to_representation(self, value: Manifest) -> Any:
        return {"names": value.names, "sizes": value.sizes, "modified": value.modified}


class UploadRequestSerializer(serializers.Serializer[Any]):
    """What will be sent. partition: where new patients go."""

    partition = serializers.ChoiceField(choices=["", *Partition.values], required=False, default="")
    files = ManifestField()


class UploadSerializer(serializers.ModelSerializer[Upload]):
    """The import to which the files go, how many bytes have arrived, and the address that takes the rest."""

    import_id = serializers.IntegerField(source="run_id", read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ("import_id", "url", "received", "total")
        read_only_fields = fields

    def get_url(self, upload: Upload) -> str:
        return upload_url(upload)


class UnsupportedVersion(exceptions.APIException):
    """The client speaks another version of the protocol."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "unsupported_version"
    default_detail = f"Tus-Resumable needs {TUS}."


class StreamParser(BaseParser):
    """Admits the content type of a piece; its bytes are read from the request as they come."""

    media_type = STREAM


class UploadsView(APIView):
    """Beginning an upload, or finding the one of the same files that was broken off."""

    parser_classes = (JSONParser,)

    @extend_schema(
        operation_id="uploads_create",
        request=UploadRequestSerializer,
        responses={201: UploadSerializer, 200: UploadSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        project = project_for(user, slug, Capability.MANAGE_CASES)
        if _length(request) > MAX_MANIFEST_BYTES:
            raise TooLarge(f"The list of files is over {MAX_MANIFEST_BYTES // 2**20} MiB; upload fewer at once.")
        body = UploadRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        upload, is_new = services.open_upload(
            user=user, project=project, manifest=asked["files"], partition=asked["partition"]
        )
        shown = UploadSerializer(upload).data
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(shown, status=code, headers={"Location": shown["url"]})


class UploadView(APIView):
    """The stream of an upload: how far it is (HEAD), the next bytes (PATCH), giving it up (DELETE)."""

    parser_classes = (StreamParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != TUS:
            raise UnsupportedVersion

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response.headers["Tus-Resumable"] = TUS
        response.headers["Cache-Control"] = "no-store"
        if response.status_code == status.HTTP_412_PRECONDITION_FAILED:
            response.headers["Tus-Version"] = TUS
        return super().finalize_response(request, response, *args, **kwargs)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002 - the base class names it
        """What of the protocol is spoken here."""
        spoken = {"Tus-Version": TUS, "Tus-Extension": "termination", "Tus-Max-Size": str(MAX_BYTES)}
        return Response(status=status.HTTP_204_NO_CONTENT, headers=spoken)

    @extend_schema(exclude=True)
    def head(self, request: Request, token: str) -> Response:
        upload = selectors.own_upload_for(signed_in(request), token)
        return Response(headers=_offset(upload) | {"Upload-Length": str(upload.total)})

    @extend_schema(
        operation_id="uploads_append",
        parameters=[
            OpenApiParameter("Tus-Resumable", str, OpenApiParameter.HEADER, required=True, enum=[TUS]),
            OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True),
        ],
        request={STREAM: OpenApiTypes.BINARY},
        responses={204: None},
    )
    def patch(self, request: Request, token: str) -> Response:
        user = signed_in(request)
        offset, pieces = _whole(request, "Upload-Offset"), Pieces(request)
        try:
            upload = services.receive(user=user, token=token, offset=offset, pieces=pieces)
        except DomainError:
            pieces.drain()
            raise
        return Response(status=status.HTTP_204_NO_CONTENT, headers=_offset(upload))

    @extend_schema(
        operation_id="uploads_cancel",
        parameters=[OpenApiParameter("Tus-Resumable", str, OpenApiParameter.HEADER, required=True, enum=[TUS])],
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, token: str) -> Response:
        services.cancel(user=signed_in(request), token=token)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Pieces:
    """The body of a request as it arrives. It ends early when the connection breaks or says nothing for a while."""

    def __init__(self, request: Request) -> None:
        """Raises InvalidInput without a Content-Length, TooLarge over the limit, UnsupportedMediaType."""
        if request.content_type != STREAM:
            raise exceptions.UnsupportedMediaType(request.content_type)
        length = _length(request)
        if length > MAX_PIECE_BYTES:
            raise TooLarge(f"One request may bring {MAX_PIECE_BYTES // 2**20} MiB; send the rest in the next one.")
        self._request = request._request
        # gunicorn's own name for the connection: without a limit a peer that vanished would hold the upload for hours.
        self._socket = self._request.META.get("gunicorn.socket")

    def __iter__(self) -> Iterator[bytes]:
        if self._socket is not None:
            self._socket.settimeout(STALL_S)
        try:
            while piece := self._request.read(READ_BYTES):
                yield piece
        except UnreadablePostError:
            return
        finally:
            if self._socket is not None:
                self._socket.settimeout(None)

    def drain(self) -> None:
        """Read the rest: a refusal is only seen by a browser that could send everything."""
        for _ in self:
            pass


def _offset(upload: Upload) -> dict[str, str]:
    return {"Upload-Offset": str(upload.received)}


def _length(request: Request) -> int:
    return _whole(request, "Content-Length")


def _whole(request: Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit()) or len(value) > 18:
        raise InvalidInput(f"{header} needs a whole number.")
    return int(value)
