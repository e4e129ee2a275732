"""The second look, with a network whose answers are known."""

import numpy as np
import pytest
import torch

from ml.nnunet.errors import Stopped
from ml.nnunet.looking import Looker
from ml.nnunet.running import StopFlag
from ml.query.uncertainty import mutual_information


class Brightness(torch.nn.Module):
    """Foreground where it is bright: logits (0, x), so that p = 1 / (1 + exp(-x)). The deepest features are (x, 2x)."""

    def encoder(self, image):
        return [image, torch.cat([image, 2 * image], dim=1)]

    def forward(self, image):
        return torch.cat([torch.zeros_like(image), image], dim=1)


class LeftToRight(Brightness):
    """Sure of foreground on the left half of what it is shown, and of background on the right."""

    def forward(self, image):
        ramp = torch.full_like(image, -50)
        ramp[..., : image.shape[-1] // 2] = 50
        return torch.cat([torch.zeros_like(image), ramp], dim=1)


def looker(network, patch, **views):
    return Looker((network,), patch, torch.device("cpu"), StopFlag(), **views)


def image(shape_zyx, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(1, *shape_zyx)).astype(np.float32))


@pytest.mark.parametrize(("patch", "shape"), [((4, 4), (5, 8, 12)), ((2, 4, 4), (6, 8, 4))])
def test_features_are_means_over_the_whole_case(patch, shape):
    case = image(shape)
    features = looker(Brightness(), patch).look(case).features
    assert np.allclose(features, [case.mean(), 2 * case.mean()], atol=1e-5)


def test_a_case_smaller_than_the_patch_is_filled_up_with_nothing():
    case = torch.ones(1, 2, 3, 4)
    assert np.allclose(looker(Brightness(), (2, 6, 4)).look(case).features, [0.5, 1.0])


def test_one_view_has_nobody_to_disagree_with():
    assert looker(Brightness(), (4, 4)).look(image((2, 4, 4))).disagreement is None
    alone = looker(Brightness(), (4, 4), gammas=(2.0,)).look(image((2, 4, 4)), features_only=True)
    assert alone.disagreement is None


def bent(case, patch, gamma):
    """Grey values (Z, Y, X) with an exponent between the least and greatest of each tile."""
    out = np.empty_like(case)
    sides = (1, *patch)[-3:]
    for corner in np.ndindex(*(n // side for n, side in zip(case.shape, sides, strict=True))):
        box = tuple(slice(at * side, (at + 1) * side) for at, side in zip(corner, sides, strict=True))
        low, high = case[box].min(), case[box].max()
        out[box] = ((case[box] - low) / (high - low)) ** gamma * (high - low) + low
    return out


@pytest.mark.parametrize(("patch", "shape"), [((4, 4), (11, 8, 4)), ((2, 4, 4), (4, 8, 4))])
def test_disagreement_is_mutual_information_weighted_by_foreground(patch, shape):
    case = image(shape)
    gammas = (1.0, 0.5, 3.0)
    foreground = np.stack([1 / (1 + np.exp(-bent(case[0].numpy(), patch, gamma))) for gamma in gammas])
    members = np.stack([1 - foreground, foreground], axis=1).astype(np.float32)
    expected = np.average(mutual_information(members), weights=foreground.mean(axis=0))
    assert looker(Brightness(), patch, gammas=gammas[1:]).look(case).disagreement == pytest.approx(expected, rel=1e-4)


def test_a_mirrored_view_is_turned_back_before_it_is_compared():
    """Left of the image and left of its mirror image are opposite places: the two views contradict each other."""
    case = image((3, 4, 4))
    assert looker(Brightness(), (4, 4), mirror_axes=(0, 1)).look(case).disagreement == pytest.approx(0, abs=1e-6)
    assert looker(LeftToRight(), (4, 4), mirror_axes=(1,)).look(case).disagreement == pytest.approx(1, abs=1e-5)
    assert looker(LeftToRight(), (4, 4), mirror_axes=(0,)).look(case).disagreement == pytest.approx(0, abs=1e-6)


def test_networks_of_several_folds_are_members_too():
    folds = Looker((Brightness(), LeftToRight()), (4, 4), torch.device("cpu"), StopFlag())
    assert folds.look(image((2, 4, 4))).disagreement > 0.05


def test_a_stop_is_heeded_between_tiles():
    stop = StopFlag()
    stop.request("Stopped by a test")
    with pytest.raises(Stopped):
        Looker((Brightness(),), (4, 4), torch.device("cpu"), stop).look(image((2, 4, 4)))
