"""Runs more worlds than the tests do and prints what replays those that failed: ``python tests/sync/sim --seeds 5000``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from okpay_sim.faults import HEAVY
from okpay_sim.mutants import MUTANTS
from okpay_sim.targets import TARGETS
from okpay_sim.world import simulate


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/sync/sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many")
    parser.add_argument("--start", type=int, default=1, help="the first one")
    parser.add_argument("--mix", default="all", choices=sorted(TARGETS), help="which faults, and how often")
    parser.add_argument("--heavy", action="store_true", help="the whole HTTP application over files, instead of memory")
    parser.add_argument("--mutant", default="", choices=("", *MUTANTS), help="take a rule out: the worlds must notice")
    parser.add_argument("--log", action="store_true", help="print what happened in the worlds that failed")
    asked = parser.parse_args()
    failed: list[int] = []
    met: Counter[str] = Counter()
    words = 0
    began, busy = time.perf_counter(), time.process_time()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        mix = HEAVY if asked.heavy else TARGETS[asked.mix]
        for seed in range(asked.start, asked.start + asked.seeds):
            try:
                world = simulate(seed, mix=mix, mutant=asked.mutant, folder=Path(folder) if asked.heavy else None)
                met.update(world.met)
                words += len(world.intents) + len(world.told)
            except Exception as error:
                failed.append(seed)
                print(f"seed {seed}: {type(error).__name__}: {str(error)[:2000]}", flush=True)
                kind = "--heavy" if asked.heavy else f"--mix {asked.mix}"
                print(f"  python tests/sync/sim {kind} --log --seeds 1 --start {seed}")
                if asked.log:
                    print("\n".join(getattr(error, "__notes__", ())))
    busy = time.process_time() - busy
    print(f"{words} operations and lines, {sum(met.values())} faults: {dict(met.most_common())}")
    print(
        f"{asked.seeds} worlds, {len(failed)} failed {failed[:20]}, "
        f"{asked.seeds / (time.perf_counter() - began):.1f}/s, {busy / max(asked.seeds, 1) * 1000:.0f} ms of processor each"
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
