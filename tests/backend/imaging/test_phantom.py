"""The phantom's DICOM comes in as it was made: the writer and the importer know nothing of each other."""

from __future__ import annotations

import numpy as np

from backend.imaging.models import Patient, Study, Volume
from backend.imaging.volumes import read_phases
from ml.phantom import Size, make_phantom, write_dicom


def test_a_phantom_comes_in_with_its_pixels_geometry_and_times(import_it, incoming):
    phantom = make_phantom(seed=7, size=Size.SMALL)
    write_dicom(phantom, incoming)
    run = import_it(partition="POOL")
    assert {line["level"] for line in run.report} == {"ok"}
    volume = Volume.objects.get()
    assert volume.is_dce
    assert volume.shape_zyx == phantom.geometry.shape_zyx
    assert volume.geometry.same_grid(phantom.geometry, tolerance_mm=1e-3)
    phases = list(volume.phases.all())
    for index, pixels in read_phases(volume, range(len(phases))).items():
        np.testing.assert_array_equal(pixels, phantom.phases[index])
    times = np.array(phantom.phase_times_s) - phantom.phase_times_s[0]
    np.testing.assert_allclose([phase.time_s for phase in phases], times, atol=1e-3)
    assert phases[0].label == "pre-contrast"
    assert Patient.objects.get().age_years == min(phantom.identity.age_years, 90)
    assert Study.objects.get().study_date != phantom.identity.study_at.date()
