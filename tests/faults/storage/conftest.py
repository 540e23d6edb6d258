"""The kit of this folder, for a store as it is by default and for each codec that a journal may have."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from okpay_console.local.codec import PLAIN, Codec
from okpay_console.local.seal import Sealed


def load(name: str) -> ModuleType:
    """A module beside this one: the tests are no package, and the harness is also run without them."""
    spec = importlib.util.spec_from_file_location(f"okpay_storage_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    if spec.name not in sys.modules:
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[spec.name]


CODECS: dict[str, Codec] = {"plain": PLAIN, "sealed": Sealed(bytes(range(32)), key_id="0123456789abcdef")}
simdisk, bench = load("simdisk"), load("bench")


def kit_for(codec: Codec | None) -> Any:
    return bench.Kit(simdisk.SimDisk, simdisk.Killed, codec)


@pytest.fixture(scope="session")
def kit() -> Any:
    """The harness on stores as they are by default."""
    return kit_for(None)


@pytest.fixture(scope="session", params=CODECS)
def each_kit(request: pytest.FixtureRequest) -> Any:
    """The harness on stores of every codec."""
    return kit_for(CODECS[request.param])
