"""How many secrets are found, how many ordinary texts are taken for one, and what the look costs while somebody types.

Recall and false alarms are counted apart for the lines that the rules were tuned on and for those held back. The cost is that of
one key at the end of a note, looking at all of it and at the place of the key alone, as a ratio to one lower-casing regular
expression over the same note in the same run; and of one key in a free line of details. Judges nothing.

    python tests/benchmarks/bench_secrets.py [--questions FILE] [--json]
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from okpay_console.content.rules import load_rules
from okpay_console.domain import fields, gleaning, secret

FOLDER = Path(__file__).resolve().parents[1] / "domain" / "secrets"
PLAIN = "客户说昨天下午在超市付款，App 显示处理中，到现在没有到账，请尽快核实一下。"
DENSE = "客户13800138000 昨天14:30付300元，单号A1B2C3D4E5，验证码收不到，密码忘了，"
ENGLISH = "The caller paid 300 dollars on 3/5 and the code did not arrive, password reset failed twice. "
LINE = "昨天下午两点半付了三百块给美团，编号 A1B2C3D4E5，手机 13800138000"


def median_ms(act: Callable[[], object], runs: int = 60) -> float:
    act()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1e3


def found(name: str, split: str) -> str:
    rows = [line.replace("\\n", "\n").split("\t") for line in (FOLDER / name).read_text("utf-8").splitlines()]
    texts = [row[-1] for row in rows if row[0] == split]
    hits = sum(bool(secret.find(text)) for text in texts)
    return f"{hits}/{len(texts)} = {hits / len(texts):.3f}"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument(
        "--questions", type=Path, metavar="FILE", help="texts of customers that hold no secret, one a line"
    )
    words.add_argument("--json", action="store_true")
    asked = words.parse_args()
    report: dict[str, object] = {}
    for name in ("traps_zh.txt", "traps_en.txt", "innocents.txt"):
        for split in ("held", "tune"):
            report[f"{name} {split}"] = found(name, split)
    if asked.questions:
        texts = asked.questions.read_text("utf-8").splitlines()
        report["customers' questions"] = f"{sum(bool(secret.find(text)) for text in texts)}/{len(texts)}"
    yard = re.compile(r"[a-z]+|[0-9]+", re.IGNORECASE)
    for label, sentence in (("plain", PLAIN), ("dense", DENSE), ("english", ENGLISH)):
        note = (sentence * 60)[:2000]
        limit = median_ms(lambda note=note: yard.findall(note.lower()))  # type: ignore[misc]
        whole = median_ms(lambda note=note: secret.find(note))  # type: ignore[misc]
        near = median_ms(lambda note=note: secret.find(note, around=len(note)))  # type: ignore[misc]
        report[f"2,000 characters, {label}"] = (
            f"all {whole:.2f} ms (x{whole / limit:.0f}), at the key {near:.2f} ms (x{near / limit:.1f})"
        )
    began = time.perf_counter()
    fields.warm()
    report["fields.warm ms"] = round((time.perf_counter() - began) * 1e3, 1)
    now, listed = datetime.now(UTC), load_rules().checklists["TXN"]
    for label, line in (("short", "138 0013 8000"), ("sentence", LINE)):
        one = median_ms(lambda line=line: gleaning.propose(line, listed=listed, answers={}, now=now))  # type: ignore[misc]
        report[f"free line, {label} ms"] = round(one, 3)
    print(json.dumps(report) if asked.json else "\n".join(f"{key:>28}  {value}" for key, value in report.items()))


if __name__ == "__main__":
    main()
