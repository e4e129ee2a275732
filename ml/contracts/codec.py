"""Contracts to and from JSON: strict, so that a misspelt or missing field is an error and not a default."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from typing import Any, TypeVar

T = TypeVar("T")


def to_json(value: Any) -> str:
    """One line of JSON of a contract. Raises ValueError for NaN or infinity."""
    return json.dumps(dataclasses.asdict(value), allow_nan=False, separators=(",", ":"))


def from_json(contract: type[T], text: str) -> T:
    """Contract from its JSON. Raises ValueError naming the field that is missing, unknown or of the wrong type."""
    return from_value(contract, json.loads(text))


def from_value(contract: type[T], value: Any) -> T:
    """Contract from what JSON was read into. Raises ValueError as `from_json`; fields that are Any are not checked."""
    read: T = _read(contract, value, contract.__name__)
    return read


def _read(kind: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, value, where)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return _read_tuple(arguments, value, where)
    if origin is dict:
        _expect(isinstance(value, dict), where, "an object", value)
        return {str(key): _read(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _read(arguments[0], value, where)
    if origin is typing.Literal:
        _expect(value in arguments, where, f"one of {arguments}", value)
        return value
    return _read_plain(kind, value, where)


def _read_plain(kind: Any, value: Any, where: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    _expect(kind is Any or type(value) is kind, where, getattr(kind, "__name__", "anything"), value)
    return value


def _read_dataclass(kind: Any, value: Any, where: str) -> Any:
    _expect(isinstance(value, dict), where, "an object", value)
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise ValueError(f"{where}: unknown field {unknown[0]!r}")
    no_default = dataclasses.MISSING
    for name, field in fields.items():
        if name not in value and field.default is no_default and field.default_factory is no_default:
            raise ValueError(f"{where}: field {name!r} is missing")
    return kind(**{name: _read(hints[name], item, f"{where}.{name}") for name, item in value.items()})


def _read_tuple(arguments: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    _expect(isinstance(value, list), where, "a list", value)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_read(arguments[0], item, f"{where}[{n}]") for n, item in enumerate(value))
    _expect(len(value) == len(arguments), where, f"{len(arguments)} items", value)
    pairs = zip(arguments, value, strict=True)
    return tuple(_read(kind, item, f"{where}[{n}]") for n, (kind, item) in enumerate(pairs))


def _expect(holds: bool, where: str, wanted: str, value: Any) -> None:
    if not holds:
        raise ValueError(f"{where}: need {wanted}, got {value!r}")
