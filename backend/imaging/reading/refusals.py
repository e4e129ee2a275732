"""Why files are left out before anything is known of their study, in words. Copies of an index are not worth any."""

from __future__ import annotations

from backend.imaging.dicom.headers import Refusal
from backend.imaging.reading.faults import FileRefusal

REFUSALS: dict[Refusal, FileRefusal] = {
    Refusal.NOT_DICOM: FileRefusal(
        "warning",
        "is no image that can be read and was left out",
        "are no images that can be read and were left out",
        "Nothing, unless an image is among them.",
    ),
    Refusal.ARCHIVE: FileRefusal(
        "error",
        "is a zip archive inside of the folder and was not opened",
        "are zip archives inside of the folder and were not opened",
        "Unpack it and import again, or upload the zip alone.",
    ),
    Refusal.DEFLATED: FileRefusal(
        "error",
        "is deflated and inflates to more than 128 MiB, which is refused for safety",
        "are deflated and inflate to more than 128 MiB, which is refused for safety",
        "Export uncompressed (Explicit VR Little Endian), and import again.",
    ),
    Refusal.DAMAGED: FileRefusal(
        "error",
        "is damaged: its header cannot be read",
        "are damaged: their headers cannot be read",
        "Copy the files again from their source, and import again.",
    ),
    Refusal.WITHOUT_IDS: FileRefusal(
        "error",
        "is DICOM without the identifiers of its study, series or image",
        "are DICOM without the identifiers of their study, series or image",
        "The file may be cut short: copy it again from its source, and import again.",
    ),
    Refusal.POLYGLOT: FileRefusal(
        "error",
        "is DICOM and another kind of file (a program, say) at once, which is refused for safety",
        "are DICOM and another kind of file (a program, say) at once, which is refused for safety",
        "Export it again from the scanner or archive, and do not open it otherwise.",
    ),
}
