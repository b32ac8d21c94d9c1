"""Reads Mapbox Vector Tiles: just enough protobuf to see layers, properties and how much is drawn."""

import struct
from collections.abc import Iterator
from typing import Any

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def features(tile: bytes) -> dict[str, list[dict[str, Any]]]:
    """Properties of each feature, by layer."""
    return dict(_layer(value) for number, value in _fields(tile) if number == 3)


def _layer(data: bytes) -> tuple[str, list[dict[str, Any]]]:
    name, keys, values, found = "", [], [], []
    for number, value in _fields(data):
        if number == 1:
            name = value.decode()
        elif number == 2:
            found.append(value)
        elif number == 3:
            keys.append(value.decode())
        elif number == 4:
            values.append(_value(value))
    return name, [_properties(feature, keys, values) for feature in found]


def _properties(feature: bytes, keys: list[str], values: list[Any]) -> dict[str, Any]:
    tags = next((list(_varints(value)) for number, value in _fields(feature) if number == 2), [])
    return {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}


def _value(data: bytes) -> Any:
    ((number, value),) = _fields(data)
    if number == 1:
        return value.decode()
    if number == 2:
        return struct.unpack("<f", value)[0]
    if number == 3:
        return struct.unpack("<d", value)[0]
    if number == 6:
        return (value >> 1) ^ -(value & 1)
    return bool(value) if number == 7 else value


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
        else:
            size, at = _varint(data, at) if kind == _BYTES else ({_FIXED64: 8, _FIXED32: 4}[kind], at)
            value, at = data[at : at + size], at + size
        yield tag >> 3, value


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
