"""The table of parsers and the ways to break their documents, once for all of these tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

for _name in ("hostile", "table"):
    if f"okpay_parsers_{_name}" not in sys.modules:
        _spec = importlib.util.spec_from_file_location(
            f"okpay_parsers_{_name}", Path(__file__).with_name(f"{_name}.py")
        )
        assert _spec and _spec.loader
        _module = importlib.util.module_from_spec(_spec)
        sys.modules[_spec.name] = _module
        _spec.loader.exec_module(_module)
