"""Makes the simulator's package known to its tests, which import it by name as the command beside them does."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
