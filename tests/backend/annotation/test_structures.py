"""Suggestions are certain or none."""

import pytest
from pydicom.sr._concepts_dict import concepts as dictionary

from backend.annotation.labels import DEFAULT_LABELS, Label
from backend.annotation.structures import Suggestion, plain, structure_of, structures, suggest

TISSUE, CHANGE, THING = "85756007^SCT^Tissue", "49755003^SCT^Morphologically Altered Structure", "260787004^SCT^Object"


def suggested(name="", category="", concept="", labels=DEFAULT_LABELS):
    return suggest(name=name, category=category, concept=concept, labels=labels)


@pytest.mark.parametrize(
    ("category", "concept", "label"),
    [
        (TISSUE, "C114467^NCIt^Mammary Fibroglandular Tissue", 1),
        (TISSUE, "59820001^SCT^Blood vessel", 2),
        (TISSUE, "51114001^SCT^Artery", 2),
        (TISSUE, "91727004^SCT^Muscle", 3),
        (TISSUE, "272673000^SCT^Bone", 4),
        (CHANGE, "52988006^SCT^Lesion", 5),
        (CHANGE, "108369006^SCT^Neoplasm", 5),
        (CHANGE, "4147007^SCT^Mass", 5),
        ("M-01000^SRT^Morphologically Altered Structure", "M-03000^SRT^Mass", 5),
        ("", "59441001^SCT^Lymph node", 6),
        (TISSUE, "80891009^SCT^Heart", 7),
        (TISSUE, "10200004^SCT^Liver", 8),
        ("T-D0050^SRT^Tissue", "T-62000^SRT^Liver", 8),
        ("T-D0050^99SDM^Tissue", "T-62000^SNM3^Liver", 8),
        (THING, "2282003^SCT^Breast prosthesis", 9),
    ],
)
def test_a_coded_concept_finds_its_label_whatever_the_name_says(category, concept, label):
    assert suggested("structure 7", category, concept) == Suggestion(label, "code")
    assert suggested("heart of the matter", category, concept) == Suggestion(label, "code")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Liver", 8),
        ("LYMPH_NODE", 6),
        ("lymph-nodes", 6),
        (" Fibroglandular  Tissue ", 1),
        ("FGT", 1),
        ("Tumour", 5),
        ("breast implant", 9),
    ],
)
def test_a_whole_name_finds_its_label(name, label):
    assert suggested(name) == Suggestion(label, "name")


@pytest.mark.parametrize(
    ("name", "category", "concept"),
    [
        ("Fatty tissue of breast", TISSUE, "89749009^SCT^Fatty tissue of breast"),
        ("liver lesion", "", ""),
        ("GREEN", TISSUE, TISSUE),
        ("livr", "", ""),
        ("value 8", "", ""),
        ("", "", ""),
        ("whole breast", "", ""),
        ("rim", CHANGE, "10200004^SCT^Liver"),  # a change of the liver is not the liver
        ("rim", TISSUE, "10200004^99ME^Liver"),
        ("rim", TISSUE, "^^Liver"),
    ],
)
def test_what_is_not_certain_is_left_to_a_person(name, category, concept):
    assert suggested(name, category, concept) is None


def test_a_project_with_other_labels_gets_suggestions_by_its_own_names():
    labels = (Label(1, "Whole breast", "#ffffff"), Label(2, "Tumor", "#ff0000"))
    assert suggested("whole_breast", labels=labels) == Suggestion(1, "name")
    assert suggested("x", CHANGE, "4147007^SCT^Mass", labels) == Suggestion(2, "code")
    assert suggested("x", TISSUE, "10200004^SCT^Liver", labels) is None


def test_two_labels_that_one_concept_could_mean_are_left_to_a_person():
    labels = (Label(1, "mass", "#ffffff"), Label(2, "lesion", "#ff0000"))
    assert suggested("x", CHANGE, "108369006^SCT^Neoplasm", labels) is None
    assert suggested("mass", labels=labels) == Suggestion(1, "name")


def test_every_default_label_has_its_structure_and_no_name_means_two():
    assert [structure_of(label.name).label for label in DEFAULT_LABELS] == [label.name for label in DEFAULT_LABELS]
    names = [name for structure in structures() for name in structure.names]
    assert len(names) == len(set(names))
    codes = [(code.value, code.scheme_designator) for structure in structures() for code in structure.concepts]
    assert len(codes) == len(set(codes))


def test_every_code_of_snomed_is_in_the_dictionary_of_dicom_under_that_meaning():
    """pydicom's dictionary is made of PS3.16; it gives each concept several wordings."""
    meanings = dict[str, set[str]]()
    for entries in dictionary["SCT"].values():
        for value, (meaning, _) in entries.items():
            meanings.setdefault(value, set()).add(plain(meaning))
    for structure in structures():
        for code in (*structure.concepts, *structure.categories):
            if code.scheme_designator == "SCT":
                assert code.value in meanings, code
                first = plain(code.meaning).split()[0]
                assert any(first in meaning for meaning in meanings[code.value]), (code, meanings[code.value])
