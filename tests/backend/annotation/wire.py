"""Requests and answers of the mask routes, as a browser makes them."""

import gzip
import uuid

from ml.labelmaps import decode_slice, encode_slice, pack_bundle, unpack_bundle
from tests.backend.cohort import SHAPE_ZYX

TYPE = "application/x-bmm"


def packed(slices):
    """Body of a save: slices (Y, X) uint8 by index."""
    return gzip.compress(pack_bundle({index: encode_slice(labels) for index, labels in slices.items()}))


def save(client, task, base, slices, *, key=None, body=None, **headers):
    sent = {"If-Match": f'"{base}"', "Idempotency-Key": key or str(uuid.uuid4())} | headers
    return client.patch(
        f"/api/tasks/{task.pk}/mask",
        packed(slices) if body is None else body,
        content_type=TYPE,
        headers={name: value for name, value in sent.items() if value is not None},
    )


def load(client, task, revision=None):
    """Slices (Y, X) by index, and the ETag."""
    answer = client.get(f"/api/tasks/{task.pk}/mask", {} if revision is None else {"revision": revision})
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Encoding"] == "gzip"
    coded = unpack_bundle(gzip.decompress(answer.content))
    return {index: decode_slice(runs, SHAPE_ZYX[1:]) for index, runs in coded.items()}, answer.headers["ETag"]
