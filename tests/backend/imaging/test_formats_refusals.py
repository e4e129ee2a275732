"""Files that are no image, damaged, or made to do harm: each refused by name, with what to do."""

import gzip
import io
import pickle
import re
import struct
import zlib

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from backend.imaging.dicom.faults import Defect
from backend.imaging.formats.arrays import as_pixels, read_arrays
from backend.imaging.formats.layout import turned
from backend.imaging.formats.opening import READERS
from tests.backend.imaging.image_files import affine_ras, metadata, nifti, numbered, ours, turn

SHAPE = (6, 5, 4)


def packed(path):
    return bytearray(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())


def nifti_header(path, **changes):
    """A plain NIfTI file whose header fields are overwritten after all checks of nibabel."""
    nifti(path)
    content = packed(path)
    header = nibabel.Nifti1Header(bytes(content[:348]), check=False)
    for name, value in changes.items():
        header._structarr[name] = value
    path.write_bytes(header.binaryblock + bytes(content[348:]))


def with_sform(affine):
    rows = {f"srow_{axis}": affine[n].astype(np.float32) for n, axis in enumerate("xyz")}
    return lambda path: nifti_header(path, qform_code=0, **rows)


def values(dtype):
    return lambda path: nibabel.save(nibabel.Nifti1Image(np.ones(SHAPE, dtype), affine_ras()), path)


def array_of(values_zyx):
    return lambda path: nifti(path, values_zyx)


def cut(bytes_left_out, make=None):
    def write(path):
        _ = make(path) if make else nifti(path)
        path.write_bytes(path.read_bytes()[:-bytes_left_out])

    return write


def nrrd(*swaps, values_zyx=None, pack=False):
    def write(path):
        metadata(path, values_zyx, pack=pack)
        content = path.read_bytes()
        for old, new in swaps:
            assert re.search(old, content)
            content = re.sub(old, new, content, count=1)
        path.write_bytes(content)

    return write


mha = nrrd


def bomb(path):
    """A header of a small image, and 256 MB of zeros behind it, in 260 kB."""
    nifti(path)
    head = packed(path)
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(head)
        for _ in range(8):
            file.write(bytes(2**25))


def large(path):
    """More than the piece in which a header is read, and not to be packed."""
    nifti(path, np.random.default_rng(1).integers(0, 2**15, (60, 50, 40)).astype(np.int16))


def broken_checksum(path):
    large(path)
    content = bytearray(path.read_bytes())
    content[-8] ^= 0xFF
    path.write_bytes(content)


def array_file(array=None, *, header=None, allow_pickle=False):
    def write(path):
        stream = io.BytesIO()
        if header is not None:
            text = header.encode() + b"\n"
            stream.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text)
        else:
            np.save(stream, array, allow_pickle=allow_pickle)
        path.write_bytes(stream.getvalue())

    return write


class Malice:
    def __reduce__(self):
        return (print, ("a pickle was opened",))


TABLE = [
    # NIfTI
    ("a.nii", lambda p: p.write_bytes(b""), "is not NIfTI"),
    ("a.nii", lambda p: p.write_bytes(b"hello" * 200), "is not NIfTI"),
    ("a.nii.gz", lambda p: p.write_bytes(b"\x1f\x8b" + b"x" * 90), "its header cannot be read"),
    ("a.nii", lambda p: nifti_header(p, magic=b"ni1"), "is the header of a pair of files"),
    ("a.nii", lambda p: nifti_header(p, magic=b"xx1"), "is not NIfTI"),
    ("a.nii", lambda p: nifti_header(p, vox_offset=0), "start at byte 0"),
    ("a.nii", lambda p: nifti_header(p, vox_offset=np.nan), "which cannot be"),
    ("a.nii", lambda p: nifti_header(p, vox_offset=2e9), "which cannot be"),
    ("a.nii", lambda p: nifti_header(p, dim=[9] + [1] * 7), "says that it has 2304 dimensions"),
    ("a.nii", lambda p: nifti_header(p, dim=[3, 6, 5, 0, 1, 1, 1, 1]), "has an impossible size"),
    ("a.nii", lambda p: nifti_header(p, dim=[3, 6, -5, 4, 1, 1, 1, 1]), "has an impossible size"),
    ("a.nii", lambda p: nifti_header(p, dim=[3, 32767, 32767, 32767, 1, 1, 1, 1]), "has an impossible size"),
    ("a.nii", lambda p: nifti_header(p, dim=[3, 6, 5, 5, 1, 1, 1, 1]), "holds 240 of 300 bytes"),
    ("a.nii", lambda p: nifti_header(p, dim=[2, 6, 20, 1, 1, 1, 1, 1]), "a picture of one slice"),
    ("a.nii", array_of(numbered((6, 5, 4, 1, 3))), "holds vectors"),
    ("a.nii", values(np.complex64), "complex numbers"),
    ("a.nii", values(np.complex128), "complex numbers"),
    ("a.nii", values([("R", "u1"), ("G", "u1"), ("B", "u1")]), "RGB colours"),
    ("a.nii", lambda p: nifti_header(p, datatype=2304), "RGBA colours"),
    ("a.nii", lambda p: nifti_header(p, datatype=1), "single bits"),
    ("a.nii", lambda p: nifti_header(p, datatype=7), "an unknown kind (code 7)"),
    ("a.nii", lambda p: nifti_header(p, sform_code=0, qform_code=0), "sform and qform codes are 0"),
    ("a.nii", lambda p: nifti_header(p, qoffset_x=-21.5), "up to 10.0 mm apart"),
    ("a.nii", lambda p: nifti_header(p, quatern_b=0.9, quatern_c=0.9), "orientation (qform) that cannot be"),
    ("a.nii", lambda p: nifti_header(p, xyzt_units=5), "in an unknown unit"),
    ("a.nii", lambda p: nifti_header(p, scl_slope=2, scl_inter=np.inf), "without a usable intercept"),
    ("a.nii", with_sform(np.diag([0, 0.8, 2, 1.0])), "has no length or is no number"),
    ("a.nii", with_sform(np.diag([np.nan, 0.8, 2, 1.0])), "has no length or is no number"),
    ("a.nii", with_sform(np.array([[0.7, 0, 0.4, 0], [0, 0.8, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]])), "11.31° off"),
    ("a.nii", cut(1), "is cut short: it holds 239 of 240 bytes"),
    ("a.nii", cut(230), "is cut short: it holds 10 of 240 bytes"),
    ("a.nii", cut(260), "its header is damaged"),
    ("a.nii.gz", cut(1), "is cut short or damaged"),
    ("a.nii.gz", cut(1, large), "its end is missing"),
    ("a.nii.gz", cut(40_000, large), "it ends within its 240,000 bytes of values"),
    ("a.nii.gz", broken_checksum, "its checksum is wrong"),
    ("a.nii.gz", bomb, "holds more values than its header says"),
    ("a.nii", lambda p: p.write_bytes(bytes(packed(nifti(p))) + bytes(2**21)), "holds more values than its header"),
    # NRRD
    ("a.nrrd", lambda p: p.write_bytes(b"NRRD0004\ntype: short\n"), "is not NRRD"),
    ("a.nrrd", nrrd((rb"NRRD0004", b"NRRD0009")), "is not NRRD"),
    ("a.nrrd", nrrd((rb"encoding: \w+", rb"\g<0>\ndata file: /etc/passwd")), "points to other files"),
    ("a.nrrd", nrrd((rb"encoding: \w+", rb"\g<0>\ndatafile: LIST")), "points to other files"),
    ("a.nrrd", nrrd((rb"encoding: \w+", rb"\g<0>\nDATA FILE: a%03d.raw 1 9 1")), "points to other files"),
    ("a.nrrd", nrrd((rb"encoding: \w+", rb"\g<0>\nbyte skip: 100")), "something else lies before its values"),
    ("a.nrrd", nrrd((rb"encoding: \w+", rb"\g<0>\nline skip: 1")), "something else lies before its values"),
    ("a.nrrd", nrrd((rb"encoding: \w+", b"encoding: bzip2")), "is packed in a way that is not read"),
    ("a.nrrd", nrrd((rb"encoding: \w+", b"encoding: ascii")), "is packed in a way that is not read"),
    ("a.nrrd", nrrd((rb"type: short", b"type: block")), "values of a kind that is not read"),
    ("a.nrrd", nrrd((rb"endian: little\n", b"")), "in which order the bytes"),
    ("a.nrrd", nrrd((rb"sizes: 6 5 4", b"sizes: 6 5 4\nsizes: 2 2 2")), "a field of its header is there twice"),
    ("a.nrrd", nrrd((rb"sizes: 6 5 4", b"sizes: 6 5 four")), "is no number"),
    ("a.nrrd", nrrd((rb"sizes: 6 5 4", b"sizes: 6 5 1e9")), "has an impossible size"),
    ("a.nrrd", nrrd((rb"sizes: 6 5 4", b"sizes: 6 5 5")), "holds 240 of 300 bytes"),
    ("a.nrrd", nrrd((rb"sizes: 6 5 4", b"sizes: 6 20")), "is not a volume"),
    ("a.nrrd", nrrd((rb"space: [\w-]+", b"space: scanner-xyz")), "names no anatomical space"),
    ("a.nrrd", nrrd((rb"space: [\w-]+\n", b"")), "names no anatomical space"),
    ("a.nrrd", nrrd((rb"space directions", b"some directions")), "names no anatomical space"),
    ("a.nrrd", nrrd((rb"space origin: \(.*\)", b"space origin: (1,2)")), "has not three figures"),
    ("a.nrrd", nrrd((rb"space origin: \(.*\)", b"space origin: (nan,1,2)")), "is not finite"),
    ("a.nrrd", nrrd((rb"kinds", b'space units: "parsec" "parsec" "parsec"\nkinds')), "in an unknown unit"),
    ("a.nrrd", nrrd((rb"kinds", b"modality:=DWMRI\nkinds")), "is diffusion-weighted (DWMRI)"),
    ("a.nrrd", nrrd((rb"kinds", b"no colon here\nkinds")), "neither a field nor a pair"),
    ("a.nrrd", cut(1, nrrd()), "holds 239 of 240 bytes"),
    ("a.nrrd", cut(1, nrrd(pack=True)), "its end is missing"),
    ("a.nrrd", cut(50, nrrd(pack=True)), "is cut short"),
    ("a.nrrd", lambda p: sitk.WriteImage(sitk.Image(6, 5, 4, sitk.sitkVectorUInt8), str(p)), "vectors or colours"),
    # MetaImage
    ("a.mha", lambda p: p.write_bytes(b"ObjectType = Image\n"), "is not MetaImage"),
    ("a.mha", mha((rb"ElementDataFile = LOCAL", b"ElementDataFile = /etc/passwd")), "points to other files"),
    ("a.mha", mha((rb"ElementDataFile = LOCAL", b"ElementDataFile = LIST")), "points to other files"),
    ("a.mha", mha((rb"NDims = 3", b"NDims = 3\nElementDataFile = other.raw")), "points to other files"),
    ("a.mha", mha((rb"DimSize = 6 5 4", b"DimSize = 6 5 4\nDimSize = 1 1 1")), "is there twice"),
    ("a.mha", mha((rb"Offset = ", b"Position = 1 2 3\nOffset = ")), "is there twice"),
    ("a.mha", mha((rb"ElementType = MET_SHORT", b"ElementType = MET_SHORT_ARRAY")), "a kind that is not read"),
    ("a.mha", mha((rb"NDims = 3", b"NDims = 3\nElementNumberOfChannels = 3")), "vectors or colours"),
    ("a.mha", mha((rb"NDims = 3", b"NDims = 3\nHeaderSize = -1")), "is packed in a way"),
    ("a.mha", mha((rb"BinaryData = True", b"BinaryData = False")), "is packed in a way"),
    ("a.mha", mha((rb"TransformMatrix = .*\n", b"")), "does not say how it lies"),
    ("a.mha", mha((rb"TransformMatrix = 1", b"TransformMatrix = 1 1")), "do not fit together"),
    ("a.mha", mha((rb"ElementSpacing = [\d.]+", b"ElementSpacing = 0")), "has no length"),
    ("a.mha", mha((rb"TransformMatrix = 1 0", b"TransformMatrix = 1 0.5")), "off the right angle"),
    ("a.mha", mha((rb"NDims = 3", b"NDims = 3\nElementToIntensityFunctionSlope = 2")), "programs read differently"),
    ("a.mha", cut(1, mha()), "holds 239 of 240 bytes"),
    ("a.mha", cut(9, mha(pack=True)), "is cut short"),
    # arrays
    ("a.npy", array_file(np.array([Malice()] * 8).reshape(2, 2, 2), allow_pickle=True), "a kind that is not read"),
    ("a.npy", lambda p: p.write_bytes(pickle.dumps(Malice())), "is not an .npy array"),
    ("a.npy", array_file(np.ones((2, 2, 2), np.complex64)), "a kind that is not read"),
    ("a.npy", array_file(np.zeros((2, 2, 2), [("a", "f4")])), "a kind that is not read"),
    ("a.npy", array_file(np.array([[["a"]]])), "a kind that is not read"),
    ("a.npy", array_file(np.ones((9, 9))), "has 2 axes"),
    ("a.npy", array_file(np.ones((2, 9, 9))), "has 2×9×9 values"),
    ("a.npy", array_file(header="{'descr': '<f8', 'fortran_order': False, 'shape': (9, 9, -1)}"), "impossible size"),
    ("a.npy", array_file(header="{'descr': '<f8', 'fortran_order': False, 'shape': " + "(" * 5000), "is not an .npy"),
    ("a.npy", array_file(header="__import__('os').abort()"), "is not an .npy array"),
    ("a.npy", lambda p: p.write_bytes(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{"), "is not an .npy array"),
    ("a.npy", cut(1, array_file(np.ones((2, 2, 2)))), "holds 63 of 64 bytes"),
]


@pytest.mark.parametrize(("name", "write", "message"), TABLE, ids=[f"{n}-{m[:40]}" for n, _, m in TABLE])
def test_what_is_no_image_is_refused_by_name(tmp_path, name, write, message, capsys):
    path = tmp_path / name
    write(path)
    with pytest.raises(Defect) as refused:
        ours(path)
    assert message in refused.value.message
    assert refused.value.action.endswith(".")
    assert str(tmp_path) not in refused.value.message + refused.value.action
    assert capsys.readouterr().out == ""


def test_values_that_are_no_numbers_are_counted():
    array = np.ones((4, 5, 6), np.float32)
    array[1, 2, :3], array[0, 0, 0] = np.nan, -np.inf
    with pytest.raises(Defect, match="has 4 of 120 voxels that hold no number"):
        as_pixels(array, 1, 0)


def test_a_blank_phase_is_refused():
    with pytest.raises(Defect, match="is blank: all of its 120 voxels have one value"):
        as_pixels(np.full((4, 5, 6), 7), 1, 0)


@pytest.mark.parametrize(
    "array",
    [
        np.array([-(2**15), 2**15 - 1], np.int16),
        np.array([0, 2**16 - 1], np.uint16),
        np.array([2**31 - 1 - 60_000, 2**31 - 1], np.int32),
        np.array([2**64 - 1 - 60_000, 2**64 - 1], np.uint64),
        np.array([-(2**63), -(2**63) + 9], np.int64),
        np.array([-128, 127], np.int8),
        np.array([-3.0, 4000.0], np.float64),
        np.array([-3.0, 400.0], np.float16),
    ],
    ids=lambda a: a.dtype.name,
)
def test_whole_numbers_are_kept_to_the_last_digit(array):
    pixels = as_pixels(array.reshape(2, 1, 1), 1.0, 0.0)
    assert pixels.slope == 1.0
    assert [
        int(v) + int(pixels.intercept) if abs(pixels.intercept) < 2**53 else None for v in pixels.stored.ravel()
    ] in (
        [int(v) for v in array],
        [None, None],
    )
    assert int(pixels.stored[1, 0, 0]) - int(pixels.stored[0, 0, 0]) == int(array[1]) - int(array[0])


def test_fractions_come_within_half_a_step():
    array = np.random.default_rng(3).normal(5, 900, (8, 9, 10)).astype(np.float32)
    pixels = as_pixels(array, 2.0, -7.0)
    back = pixels.stored * pixels.slope + pixels.intercept
    assert np.abs(back - (array * 2.0 - 7.0)).max() <= pixels.slope * 0.5001
    assert pixels.slope == pytest.approx(2 * np.ptp(array) / 65_535)


def test_a_slope_of_nifti_is_applied_as_nibabel_applies_it(tmp_path):
    raw = np.random.default_rng(4).integers(-300, 4000, (6, 5, 4)).astype(np.int16)
    path = nifti(tmp_path / "a.nii", raw)
    content = packed(path)
    content[112:120] = struct.pack("<2f", 0.25, -12.5)
    path.write_bytes(content)
    from backend.imaging.formats.nifti import read_layout

    layout = read_layout(path)
    pixels = as_pixels(ours(path)[1][0], layout.slope, layout.intercept)
    expected = nibabel.load(path).get_fdata()
    found = (pixels.stored * pixels.slope + pixels.intercept).transpose(2, 1, 0)
    turned_back = found[::-1, ::-1] if ours(path)[0].matrix[0, 3] < 0 else found
    assert np.allclose(np.sort(turned_back.ravel()), np.sort(expected.ravel()))


def test_zlib_and_gzip_come_out_as_they_went_in(tmp_path):
    array = np.random.default_rng(5).integers(0, 3000, (30, 61, 47)).astype(np.uint16)
    for name in ("a.mha", "a.nrrd"):
        path = metadata(tmp_path / name, array, rotation=turn(0, 0, 0), pack=True)
        assert np.array_equal(ours(path)[1][0], array)
    assert zlib.crc32(array.tobytes())


def test_a_bomb_is_inflated_no_further_than_its_header_says(tmp_path):
    import resource

    path = tmp_path / "bomb.nii.gz"
    bomb(path)
    before = resource.getrusage(resource.RUSAGE_SELF)
    with pytest.raises(Defect):
        ours(path)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_maxrss - before.ru_maxrss < 64 * 1024
    assert after.ru_utime - before.ru_utime < 1.0


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.nrrd", "packed.nrrd", "a.mha", "packed.mha", "a.npy"])
def test_any_damage_is_refused_or_harmless(tmp_path, name):
    """Six hundred mutants of each kind: bytes changed, taken out, repeated, and cut off, most of them in the header."""
    path = tmp_path / name
    if name.endswith("npy"):
        np.save(path, numbered((6, 5, 4)).astype(np.float32))
    else:
        _ = nifti(path) if ".nii" in name else metadata(path, pack="packed" in name)
    whole, rng = path.read_bytes(), np.random.default_rng(7)
    refused = 0
    for _ in range(600):
        path.write_bytes(mutant(whole, rng))
        try:
            layout = read(path)
            if layout.values_bytes < 10**7:
                for array in read_arrays(path, layout):
                    as_pixels(array, layout.slope, layout.intercept)
        except Defect:
            refused += 1
    assert refused > 100


def read(path):
    layout = READERS[{".nii": "nifti", ".gz": "nifti"}.get(path.suffix, path.suffix[1:])](path)
    turned(layout)
    return layout


def mutant(whole, rng):
    content = bytearray(whole)
    for _ in range(int(rng.integers(1, 5))):
        at = int(rng.integers(0, min(len(content), 400) if rng.random() < 0.8 else len(content)))
        match int(rng.integers(0, 5)):
            case 0:
                content[at] = int(rng.integers(0, 256))
            case 1:
                content[at] ^= 1 << int(rng.integers(0, 8))
            case 2:
                del content[at : at + int(rng.integers(1, 9))]
            case 3:
                content[at:at] = content[at : at + int(rng.integers(1, 40))]
            case 4:
                content[at : at + 4] = bytes([(0, 255, 0x7F, 0x80)[int(rng.integers(0, 4))]] * 4)
    return bytes(content[: int(rng.integers(1, len(content)))] if rng.random() < 0.1 else content)
