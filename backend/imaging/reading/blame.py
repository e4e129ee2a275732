"""What is said of files and studies over which the reading process was lost."""

from __future__ import annotations

from backend.imaging.reading import protocol
from backend.imaging.reading.checking import check_failure
from backend.imaging.reading.faults import FileRefusal
from backend.imaging.reading.messages import Fault
from backend.imaging.reading.process import Loss

EXPORT_AGAIN = "Export it again from its source and import that; if it fails again, leave it out."
PACK_AGAIN = "Pack the folder of images into a plain zip again, and upload that."
TELL = "Try again; if it fails again, send this line to the developers."


class ReadingFailed(Exception):
    """Nothing can be read, whatever the files are. message: a sentence; action: what to do."""

    def __init__(self, message: str, action: str = TELL) -> None:
        super().__init__(message)
        self.message = message
        self.action = action


class Blamed(Exception):
    """The process was lost over the file at this place of what it was given."""

    def __init__(self, place: int, loss: Loss) -> None:
        super().__init__(loss.value)
        self.place = place
        self.loss = loss


def blamed_file(loss: Loss) -> FileRefusal:
    """Why a file is left out over which the process was lost."""
    why = f"left out: the program that reads it {loss}"
    return FileRefusal("error", f"was {why}", f"were {why.replace('reads it', 'reads them')}", EXPORT_AGAIN)


def lost_study(loss: Loss) -> Fault:
    """Why a study is refused over which the process was lost."""
    return Fault("the program that reads it", str(loss), EXPORT_AGAIN)


def failed(answer: protocol.Failed) -> str:
    """Where the program failed, in words. Raises NotPlausible when the answer says more than that."""
    check_failure(answer.error, answer.spot)
    return f"failed ({answer.error} at {answer.spot})" if answer.spot else f"failed ({answer.error})"
