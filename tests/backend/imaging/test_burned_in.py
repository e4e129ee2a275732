"""Pictures that may show a name never become volumes, and the report says why."""

from __future__ import annotations

import pytest
from pydicom.uid import SecondaryCaptureImageStorage, UltrasoundImageStorage

from backend.imaging.dicom.burned_in import risk
from backend.imaging.dicom.headers import read_header
from backend.imaging.models import Series, Volume
from tests.backend.imaging.dicom_files import ramp

RISKS = [
    ({"BurnedInAnnotation": "YES"}, "text is burned into"),
    ({"RecognizableVisualFeatures": "YES"}, "a person can be recognised"),
    ({"ConversionType": "WSD"}, "photographed screen"),
    ({"SOPClassUID": SecondaryCaptureImageStorage}, "photographed screen"),
    ({"SOPClassUID": UltrasoundImageStorage}, "machines write names into"),
    ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "saved screen"),
]
HARMLESS = [{}, {"BurnedInAnnotation": "NO"}, {"ImageType": ["ORIGINAL", "SECONDARY", "M", "NORM"]}]


@pytest.mark.parametrize(("attributes", "reason"), RISKS)
def test_a_header_tells_when_text_may_be_in_the_picture(study, attributes, reason):
    assert reason in risk([read_header(study.add(ramp((1, 4, 4)), **attributes)[0])])


@pytest.mark.parametrize("attributes", HARMLESS)
def test_an_image_off_the_scanner_has_none(study, attributes):
    assert risk([read_header(study.add(ramp((1, 4, 4)), **attributes)[0])]) == ""


@pytest.mark.parametrize(("attributes", "reason"), [RISKS[n] for n in (0, 1, 2, 5)])
def test_mr_that_says_so_comes_in_without_a_single_pixel(study, import_it, attributes, reason, settings):
    study.add_dynamic()
    study.add(ramp((4, 8, 6), start=9000), **attributes)
    run = import_it()
    assert run.state == "done"
    assert Volume.objects.get().phases.count() == 3
    assert reason in Series.objects.get(number=4).not_drawn_on
    assert any(reason in line["message"] for line in run.report)
    said = attributes.keys() & {"BurnedInAnnotation", "RecognizableVisualFeatures"}
    warned = [line for line in run.report if "came in without its pictures" in line["message"]]
    assert [line["level"] for line in warned] == ["warning"] * len(said)


def test_one_such_image_is_enough_for_its_series(study, import_it):
    def mark(header, n):
        if n == 2:
            header.BurnedInAnnotation = "YES"

    study.add(ramp((4, 8, 6)), edit=mark)
    import_it()
    assert Volume.objects.count() == 0
