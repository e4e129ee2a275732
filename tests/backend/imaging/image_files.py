"""Image files of every kind for the tests, and where independent programs say that their voxels lie."""

from itertools import permutations, product

import nibabel
import numpy as np
import SimpleITK as sitk

from backend.imaging.chunks import decode_block
from backend.imaging.dicom.deidentify import Key
from backend.imaging.formats import find_cases
from backend.imaging.formats.arrays import read_arrays
from backend.imaging.formats.layout import turned
from backend.imaging.formats.opening import READERS
from backend.imaging.reading.messages import SourceFile
from backend.imaging.reading.output import Output
from backend.imaging.segments import Bitmaps

LPS_OF_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
KEY = Key(b"the secret of a project")
# Each way to run along three axes: 6 orders × 8 senses.
ORIENTATIONS = [
    np.array(list(zip(order, senses, strict=True)))
    for order in permutations(range(3))
    for senses in product((1, -1), repeat=3)
]


def turn(a, b, c):
    """Rotation matrix (3, 3)."""
    rotation = sitk.Euler3DTransform()
    rotation.SetRotation(a, b, c)
    return np.reshape(rotation.GetMatrix(), (3, 3))


def affine_ras(rotation=None, spacing=(0.7, 0.8, 2.5), origin=(-31.5, 12.25, 88.0)):
    """Index (i, j, k, 1) → RAS mm."""
    affine = np.eye(4)
    affine[:3, :3] = (np.eye(3) if rotation is None else rotation) * np.array(spacing)
    affine[:3, 3] = origin
    return affine


def numbered(shape, dtype=np.int16):
    """Every voxel with a number of its own."""
    return np.arange(1, np.prod(shape) + 1, dtype=dtype).reshape(shape)


def nifti(path, values_ijk=None, affine=None, *, units="mm", **header):
    """Write NIfTI-1 with nibabel; sform and qform agree."""
    affine = affine_ras() if affine is None else affine
    image = nibabel.Nifti1Image(numbered((6, 5, 4)) if values_ijk is None else values_ijk, affine)
    image.set_sform(affine, 1)
    image.set_qform(affine, 1)
    image.header.set_xyzt_units(units, "sec")
    for name, value in header.items():
        image.header[name] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(image, path)
    return path


def metadata(path, values_zyx=None, rotation=None, *, pack=False, spacing=(0.7, 0.8, 2.5)):
    """Write NRRD or MHA, by the suffix, with SimpleITK."""
    image = sitk.GetImageFromArray(numbered((4, 5, 6)) if values_zyx is None else values_zyx)
    image.SetSpacing(spacing)
    image.SetOrigin((-31.5, 12.25, 88.0))
    image.SetDirection((np.eye(3) if rotation is None else rotation).ravel().tolist())
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path), pack)
    return path


def ours(path, kind=None):
    """Geometry and arrays (Z, Y, X) of a file as the import reads them."""
    suffix = path.suffix if path.suffix != ".gz" else ".nii"
    layout = READERS[kind or {".nii": "nifti", ".nrrd": "nrrd", ".mha": "mha", ".npy": "npy"}[suffix]](path)
    return turned(layout).geometry, list(read_arrays(path, layout))


def places_ours(geometry, array):
    """LPS mm of each voxel by its number."""
    index = np.argwhere(array > 0)
    return dict(zip(array[array > 0].tolist(), geometry.position_lps(index.astype(float)), strict=True))


def places_nibabel(path):
    """The same by nibabel."""
    image = nibabel.load(path)
    values = np.asarray(image.dataobj)
    index = np.argwhere(values > 0)
    positions = (LPS_OF_RAS @ image.affine @ np.c_[index, np.ones(len(index))].T).T[:, :3]
    return dict(zip(values[values > 0].tolist(), positions, strict=True))


def places_simpleitk(path):
    """The same by SimpleITK."""
    image = sitk.ReadImage(str(path))
    index = product(*(range(size) for size in image.GetSize()))
    return {image[at]: np.array(image.TransformIndexToPhysicalPoint(at)) for at in index}


def furthest_mm(one, other):
    """Largest distance of a voxel between two such answers; both have the same voxels."""
    assert one.keys() == other.keys()
    return max(float(np.linalg.norm(one[number] - other[number])) for number in one)


def sources(folder):
    """Every file below a folder, as an import lists them: under the name that it came with."""
    return [SourceFile(path, str(path.relative_to(folder))) for path in sorted(folder.rglob("*")) if path.is_file()]


def find(folder):
    """The cases below a folder."""
    found = find_cases(sources(folder))
    for case in found.cases:
        case.read_digests(at=lambda place: None)
    return found


def build(folder, out, *, max_voxels=10**8):
    """The one case below a folder, built."""
    found = find(folder)
    assert len(found.cases) == 1, found
    out.mkdir(exist_ok=True)
    return found.cases[0].build(key=KEY, out=Output(out), max_voxels=max_voxels, step=lambda _: None)


def stored(out, phase, shape_zyx):
    """Scanner values (Z, Y, X) of a built phase."""
    blocks = [decode_block((out / name).read_bytes(), phase.codec, shape_zyx[1:]) for name in phase.chunks]
    return np.concatenate(blocks) * phase.slope + phase.intercept


def mask_arrays(out, found, shape_zyx):
    """Each segment of a built mask as an array (Z, Y, X) of booleans, by its number."""
    bitmaps = Bitmaps.decode((out / found.content).read_bytes(), shape_zyx)
    arrays = {number: np.zeros(shape_zyx, dtype=bool) for number in bitmaps.numbers}
    for number, planes in bitmaps.planes.items():
        for z in planes:
            arrays[number][z] = bitmaps.plane(number, z)
    return arrays
