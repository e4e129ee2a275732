"""A mask drawn on an Enhanced MR leaves with references to the frames of its one file."""

import io

import highdicom as hd
import numpy as np
import pytest
from pydicom.uid import EnhancedMRImageStorage

from backend.accounts.roles import Role
from backend.annotation import services as annotation
from backend.exports.one_mask import take_out, task_for
from backend.imaging.models import Volume
from tests.backend.cohort import draw
from tests.backend.imaging.dicom_files import OBLIQUE
from tests.backend.imaging.enhanced_files import write_enhanced

PHASES, SLICES = 3, 8


@pytest.mark.parametrize("form", ["binary", "labelmap"])
def test_each_slice_of_a_mask_names_its_frame(form, incoming, import_it, project, manager, member):
    pixels = np.random.default_rng(1).integers(0, 900, (PHASES, SLICES, 12, 10)).astype(np.uint16)
    write_enhanced(incoming / "dce", pixels, orientation=OBLIQUE, SeriesDescription="dyn")
    import_it(partition="POOL")
    volume = Volume.objects.get()
    (task,) = annotation.open_tasks(project=project, volumes=[volume])
    labels = np.zeros(volume.shape_zyx, np.uint8)
    labels[2, 3:9, 4:8] = 1
    labels[2, 1, 1] = labels[7, 3:9, 4:8] = 5
    draw(task, member(Role.ANNOTATOR), labels)
    file = take_out(user=manager, task=task_for(manager, task.pk), number=None, form=form)
    seg = hd.seg.segread(io.BytesIO(file.content))

    uid, series = volume.phases.get(index=0).instances[0][0], volume.phases.get(index=0).series
    (referred,) = seg.ReferencedSeriesSequence
    assert referred.SeriesInstanceUID == series.uid
    assert [item.ReferencedSOPInstanceUID for item in referred.ReferencedInstanceSequence] == [uid]
    found = set()
    for groups in seg.PerFrameFunctionalGroupsSequence:
        at = [float(v) for v in groups.PlanePositionSequence[0].ImagePositionPatient]
        z = round(float((np.linalg.inv(volume.geometry.matrix) @ [*at, 1])[0]))
        (source,) = groups.DerivationImageSequence[0].SourceImageSequence
        frame = z * PHASES + 1  # the first phase: frames of one place follow each other
        assert (source.ReferencedSOPInstanceUID, source.ReferencedFrameNumber) == (uid, frame)
        assert source.ReferencedSOPClassUID == EnhancedMRImageStorage
        found.add(z)
    assert found == {2, 7}
