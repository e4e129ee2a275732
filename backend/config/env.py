"""Every setting that comes from the environment, read once. Nothing else reads it."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECRET_CHARACTERS = 32


@dataclass(frozen=True)
class Env:
    """The environment as values.

    var_dir: where everything lives that is not in the database: blobs, runs, exports, logs, embedded servers.
    device: what networks run on: `cpu`, `cuda` or `cuda:<n>`.
    max_volume_voxels: largest volume (all phases) that an import accepts.
    quarantine_days: how long the files of refused studies are kept.
    identity_keys: secrets under which identities are sealed, the first for new ones; empty takes the secret key.
    """

    var_dir: Path
    database_url: str
    broker_url: str
    secret_key: str
    allowed_hosts: tuple[str, ...]
    csrf_trusted_origins: tuple[str, ...]
    debug: bool
    https: bool
    accel_redirect: bool
    device: str
    max_volume_voxels: int
    quarantine_days: int
    identity_keys: tuple[str, ...]


def var_dir() -> Path:
    """Folder for state; `NINEFOLD_VAR` moves it."""
    return Path(os.environ.get("NINEFOLD_VAR", ROOT / "var")).resolve()


def read_env() -> Env:
    """Read the environment. Raises ValueError naming the variable that is not as it must be."""
    var = var_dir()
    return Env(
        var_dir=var,
        database_url=os.environ.get("DATABASE_URL", ""),
        broker_url=os.environ.get("BROKER_URL", ""),
        secret_key=os.environ.get("NINEFOLD_SECRET_KEY") or _kept_secret(var / "secret_key"),
        allowed_hosts=_list("NINEFOLD_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"),
        csrf_trusted_origins=_list("NINEFOLD_CSRF_TRUSTED_ORIGINS", ""),
        debug=_flag("NINEFOLD_DEBUG"),
        https=_flag("NINEFOLD_HTTPS"),
        accel_redirect=_flag("NINEFOLD_ACCEL_REDIRECT"),
        device=os.environ.get("NINEFOLD_DEVICE", "cpu"),
        max_volume_voxels=_integer("NINEFOLD_MAX_VOLUME_VOXELS", 600_000_000),
        quarantine_days=_integer("NINEFOLD_QUARANTINE_DAYS", 30),
        identity_keys=_secrets("NINEFOLD_IDENTITY_KEY"),
    )


def _list(name: str, default: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in os.environ.get(name, default).split(",") if part.strip())


def _secrets(name: str) -> tuple[str, ...]:
    found = _list(name, "")
    if any(len(secret) < SECRET_CHARACTERS for secret in found):
        raise ValueError(f"{name} needs at least {SECRET_CHARACTERS} random characters for each key")
    return found


def _flag(name: str) -> bool:
    value = os.environ.get(name, "0")
    if value not in {"0", "1"}:
        raise ValueError(f"{name} needs 0 or 1, got {value!r}")
    return value == "1"


def _integer(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdigit():
        raise ValueError(f"{name} needs a whole number, got {value!r}")
    return int(value)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(50))
        try:
            os.link(aside, path)  # fails if another process was first: then its secret counts
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text()
