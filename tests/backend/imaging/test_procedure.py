"""The procedure against the table of the standard, as an independent program carries it."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as standard
from pydicom._private_dict import private_dictionaries
from pydicom.datadict import dictionary_VR, keyword_for_tag

from backend.imaging.dicom.procedure import FILE, MOMENTS, TEXTS, Action, parse, procedure
from backend.imaging.dicom.procedure_tables import with_tables

X, Z, K, C, U = Action.REMOVE, Action.EMPTY, Action.KEEP, Action.CLEAN, Action.REMAP
# Table E.1-1a: what each code of the basic profile demands at the least; to remove or empty is always as strong.
DEMANDED = {
    "D_TAGS": {X, Z}, "Z_TAGS": {X, Z}, "X_TAGS": {X}, "U_TAGS": {X, U}, "Z_D_TAGS": {X, Z}, "X_Z_TAGS": {X, Z},
    "X_D_TAGS": {X, Z}, "X_Z_D_TAGS": {X, Z}, "X_Z_U_STAR_TAGS": {X, Z, K},
}  # fmt: skip
# Column Rtn. Pat. Chars. Opt. of the same table, and of Clean Desc. Opt. the descriptors that are cleaned here.
CHARACTERISTICS = {
    "PatientSex": {K}, "PatientAge": {C}, "PatientSize": {K}, "PatientWeight": {K}, "SmokingStatus": {K},
    "PregnancyStatus": {K},
}  # fmt: skip
DESCRIPTORS = {
    "StudyDescription", "SeriesDescription", "ProtocolName", "DerivationDescription", "AcquisitionProtocolDescription",
    "AcquisitionDeviceProcessingDescription", "RespiratoryMotionCompensationTechniqueDescription",
    "RequestedProcedureDescription", "PerformedProcedureStepDescription", "ContrastBolusAgent",
}  # fmt: skip


def demanded():
    """(tag, actions that are strong enough) for each attribute of the table; a sequence kept is one walked."""
    for name, actions in DEMANDED.items():
        for tag in getattr(standard, name):
            if len(tag) == 2:
                yield (tag[0] << 16) | tag[1], actions | with_options((tag[0] << 16) | tag[1])


def with_options(tag: int) -> set[Action]:
    keyword = keyword_for_tag(tag)
    if keyword in CHARACTERISTICS:
        return CHARACTERISTICS[keyword]
    if keyword in DESCRIPTORS or (keyword and dictionary_VR(tag) in MOMENTS):
        return {C}
    return set()


def test_no_attribute_of_the_standard_is_missing():
    named = set(procedure().by_tag)
    missing = {f"{tag:08X}" for tag, _ in demanded()} - {f"{int(tag):08X}" for tag in named}
    assert missing == set()
    assert len(list(demanded())) > 640
    assert {rule.attribute for rule in procedure().rules if rule.family} == {"(50xx,xxxx)", "(60xx,xxxx)"}


def test_no_action_is_weaker_than_the_profile_with_its_options():
    rules = procedure().by_tag
    weak = {rules[tag].attribute: rules[tag].action for tag, actions in demanded() if rules[tag].action not in actions}
    assert weak == {}


def test_every_uid_of_the_table_is_replaced_or_removed():
    rules = procedure().by_tag
    for tag, _ in demanded():
        if keyword_for_tag(tag) and dictionary_VR(tag) == "UI":
            assert rules[tag].action in {U, X}


def test_nobodys_name_passes():
    """Person names are removed or emptied, wherever they come from."""
    for rule in procedure().rules:
        if rule.vr == "PN":
            assert rule.action in {X, Z}, rule.attribute


def test_text_that_stays_is_cleaned():
    for rule in procedure().rules:
        assert rule.action is not K or rule.vr not in TEXTS


def test_each_rule_has_its_own_reason():
    reasons = {rule.reason for rule in procedure().rules}
    assert all(len(reason) > 20 for reason in reasons)
    assert len(reasons) > 25
    assert set(procedure().meanings) == set(Action)


def test_private_elements_are_those_of_their_makers():
    """pydicom's private dictionary is the referee for form; what it does not know is named here."""
    unknown = {"(0021,xx53) SIEMENS MR SDI 02", "(0019,xx0A) SIEMENS MR HEADER"}
    for rule in procedure().rules:
        if rule.private is None:
            continue
        group, creator, element = rule.private
        known = private_dictionaries.get(creator, {}).get(f"{group:04x}xx{element:02x}".upper().replace("XX", "xx"))
        if known is None:
            assert rule.attribute.split(":")[0] in unknown, rule.attribute
        else:
            assert rule.vr == known[0] or {rule.vr, known[0]} <= {"IS", "DS", "FL", "FD", "SL", "SS", "US"}


def test_the_import_reads_nothing_by_accident():
    assert {"PatientName", "PatientAddress", "StationName"} <= set(procedure().identifying)
    assert not set(procedure().identifying) & set(procedure().importing)
    assert set(procedure().reading_reasons) == {"identifying", "importing"}


def changed(**section) -> dict:
    value = copy.deepcopy(json.loads(FILE.read_text()))
    value["rules"].append({"action": "K", "reason": "So that the test can fail.", **section})
    return value


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"attributes": ["PatientNickname"]}, "is no DICOM attribute"),
        ({"attributes": ["DeviceID"]}, "DeviceID is LO, which K does not fit"),
        ({"attributes": ["TargetLabel"]}, "can hold free text"),
        ({"attributes": ["BulkMotionSignalSource"]}, "name the values that are kept"),
        ({"attributes": ["EchoTime"]}, "names each attribute once"),
        ({"attributes": ["TargetLabel"], "action": "C", "reason": ""}, "needs a reason"),
        ({"attributes": ["TargetLabel"], "action": "U"}, "TargetLabel is SH, which U does not fit"),
        ({"attributes": ["TargetFrameOfReferenceUID"], "action": "C"}, "which C does not fit"),
        ({"attributes": ["DeviceID"], "action": "publish"}, "publish"),
        ({"attributes": ["(0010,0099) New Name"]}, "of unknown form"),
        ({"private": [{"element": "(0018,xx0C)", "creator": "X", "vr": "IS", "name": "-"}]}, "is no private element"),
        ({"private": [{"element": "(0019,xx0C)", "creator": "", "vr": "IS", "name": "-"}]}, "with a creator"),
        ({"private": [{"element": "(0019,xx0C)", "creator": "X", "vr": "LO", "name": "-"}]}, "can hold free text"),
        ({"private": [{"element": "(0019,xx0C)", "creator": "X", "vr": "CS", "name": "-"}]}, "name the values"),
    ],
)
def test_a_procedure_that_would_let_something_through_is_refused(section, message):
    with pytest.raises(ValueError, match=message):
        parse(changed(**section))


@pytest.mark.parametrize("default", ["K", "C", None])
def test_a_procedure_that_keeps_by_default_is_refused(default):
    with pytest.raises(ValueError, match="default"):
        parse({**json.loads(FILE.read_text()), "default": default})


def test_what_is_removed_cannot_be_in_the_summary():
    with pytest.raises(ValueError, match="PatientName is in the summary"):
        parse({**json.loads(FILE.read_text()), "summary": ["EchoTime", "PatientName"]})


def test_the_page_about_it_is_in_step():
    """Run `manage.py procedure_tables docs/deidentification.md` after a change of the procedure."""
    page = Path(__file__).parents[3] / "docs" / "deidentification.md"
    text = page.read_text(encoding="utf-8")
    assert with_tables(text, procedure()) == text
    assert "`PatientName`" in text
    assert f"procedure_v{procedure().version}.json" in text
    assert f"edition {procedure().edition}" in text


def test_the_tables_need_their_marks():
    with pytest.raises(ValueError, match="tables begin"):
        with_tables("a page without marks", procedure())
