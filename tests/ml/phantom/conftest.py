import pytest

from ml.phantom import Phantom, make_phantom

COHORT_SEEDS = (1, 2, 3, 15, 20)


@pytest.fixture(scope="session")
def cohort() -> tuple[Phantom, ...]:
    """Patients of all densities; seed 2 has an implant, all have lesions."""
    return tuple(make_phantom(seed=seed) for seed in COHORT_SEEDS)


@pytest.fixture(scope="session")
def patient(cohort) -> Phantom:
    return cohort[0]
