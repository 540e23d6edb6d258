"""Search quality and the time of every keystroke, beside SQLite FTS5 and jieba BM25 on the same data in the same run.

``python tests/benchmarks/bench_search.py --data FILE [--json] [--sample N]``. FILE has lines ``T<TAB>group<TAB>title`` (the
knowledge base) and ``Q<TAB>group<TAB>question`` (other customers' wording); a question is right at k when the title of
its group is among the first k. Groups are split
into two halves by the parity of the CRC-32 of their name, and figures are given for both: their difference shows how far a
figure can be trusted. The weights of the terms were chosen with both halves in sight, so neither is held-out data for them;
those of ``domain/nuance.py`` were fitted on half 0 alone. ``--answers N`` adds titles until there are N answers, for the speed
alone: what is added is no right answer to anything, so quality falls.
Without a file, the shipped answers are searched by their own keywords: that shows the speed, and proves no quality.
"""

from __future__ import annotations

import argparse
import json
import math
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from heapq import nlargest
from pathlib import Path
from zlib import crc32

from okpay_console.content import load_answers
from okpay_console.domain.answers import Answer
from okpay_console.domain.pinyin import pinyin
from okpay_console.domain.search import Index
from okpay_console.domain.wording import fold

Search = Callable[[str], list[str]]
DEPTH = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="titles and questions with their groups")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--sample", type=int, default=300, help="questions that are typed character by character")
    parser.add_argument("--answers", type=int, default=0, help="at least so many answers")
    options = parser.parse_args()
    titles, questions = read(options.data) if options.data else shipped()
    real = len(titles)
    titles += [
        (f"more-{at}", f"{titles[at % real][1]} {at // real + 2}") for at in range(max(0, options.answers - real))
    ]
    started = time.perf_counter()
    index = Index.build([Answer(id=group, lang="zh", title=title) for group, title in titles])
    built = time.perf_counter() - started
    stored = index.to_bytes()
    started = time.perf_counter()
    index = Index.from_bytes(stored)
    loaded = time.perf_counter() - started
    started = time.perf_counter()
    index.warm()
    warmed = time.perf_counter() - started

    def ours(query: str) -> list[str]:
        return [hit.id for hit in index.search(query, limit=DEPTH)]

    engines: dict[str, Search] = {"okpay": ours, "sqlite fts5 trigram": fts5(titles), "jieba bm25": jieba_bm25(titles)}
    report: dict[str, object] = {
        "titles": len(titles),
        "questions": len(questions),
        "build_s": round(built, 3),
        "bytes": len(stored),
        "load_ms": round(loaded * 1e3, 1),
        "warm_ms": round(warmed * 1e3, 1),
    }
    halves = {half: [pair for pair in questions if crc32(pair[0].encode()) % 2 == half] for half in (0, 1)}
    for name, search in engines.items():
        report[name] = {
            "all": quality(search, questions),
            "half 0": quality(search, halves[0]),
            "half 1": quality(search, halves[1]),
            "typing": pace(search, typed(questions, options.sample)),
            "initials": pace(search, initials(titles, options.sample)),
            "slips": pace(search, slips(titles, options.sample)),
        }
    print(json.dumps(report, ensure_ascii=False) if options.json else table(report))


def read(path: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    titles = [(row[1], row[2]) for row in rows if row[0] == "T"]
    return titles, [(row[1], row[2]) for row in rows if row[0] == "Q"]


def shipped() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    answers = load_answers("zh")
    return [(a.id, a.title) for a in answers], [(a.id, keyword) for a in answers for keyword in a.keywords]


def quality(search: Search, questions: list[tuple[str, str]]) -> dict[str, float]:
    """Recall at 1 and 5, mean reciprocal rank to depth 10, and the time of a whole question."""
    ranks: list[int] = []
    times: list[tuple[float, float]] = []
    for group, question in questions:
        found, took = timed(search, question)
        times.append(took)
        ranks.append(found.index(group) + 1 if group in found else 0)
    count = max(1, len(ranks))
    return {
        "n": len(ranks),
        "recall@1": round(sum(rank == 1 for rank in ranks) / count, 4),
        "recall@5": round(sum(1 <= rank <= 5 for rank in ranks) / count, 4),
        "mrr": round(sum(1 / rank for rank in ranks if rank) / count, 4),
        **percentiles(times),
    }


def typed(questions: list[tuple[str, str]], sample: int) -> Iterator[str]:
    """Every prefix of evenly chosen questions, as an input method commits them character by character."""
    for _, question in questions[:: max(1, len(questions) // sample)]:
        yield from (question[:size] for size in range(1, len(question) + 1))


def initials(titles: list[tuple[str, str]], sample: int) -> Iterator[str]:
    """Every prefix of the initials, and of the whole pinyin, of the first six characters of evenly chosen titles."""
    for _, title in titles[:: max(1, len(titles) // sample)]:
        sounds = pinyin().readings(fold(title).replace(" ", ""))[:6]
        for letters in ("".join(sound[0] for sound in sounds), "".join(sounds)):
            yield from (letters[:size] for size in range(1, len(letters) + 1))


def slips(titles: list[tuple[str, str]], sample: int) -> Iterator[str]:
    """The pinyin of the first five characters of evenly chosen titles with one letter dropped, swapped or changed."""
    for _, title in titles[:: max(1, len(titles) // sample)]:
        word = "".join(pinyin().readings(fold(title).replace(" ", ""))[:5])
        for at in range(1, len(word) - 1, 4):
            yield word[:at] + word[at + 1 :]
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            yield word[:at] + "k" + word[at + 1 :]


def pace(search: Search, queries: Iterator[str]) -> dict[str, float]:
    times = [timed(search, query)[1] for query in queries]
    return {"n": len(times), **percentiles(times)}


def percentiles(times: list[tuple[float, float]]) -> dict[str, float]:
    """Milliseconds by the clock on the wall, and of this process alone, which a busy machine does not lengthen."""
    found: dict[str, float] = {}
    for at, unit in enumerate(("", "cpu_")):
        ordered = sorted(pair[at] for pair in times) or [0.0]
        found |= {f"{unit}p{part}_ms": round(ordered[int(len(ordered) * part / 100)] * 1e3, 3) for part in (50, 99)}
    return found


def timed(search: Search, query: str) -> tuple[list[str], tuple[float, float]]:
    wall, own = time.perf_counter(), time.process_time()
    found = search(query)
    return found, (time.perf_counter() - wall, time.process_time() - own)


def fts5(titles: list[tuple[str, str]]) -> Search:
    """SQLite's trigram full text index; the question's trigrams are joined by OR, under three characters LIKE answers."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE titles USING fts5(name UNINDEXED, title, tokenize='trigram')")
    database.executemany("INSERT INTO titles VALUES (?, ?)", titles)

    def search(query: str) -> list[str]:
        text = fold(query).replace(" ", "")
        if len(text) < 3:
            sql, words = "SELECT name FROM titles WHERE title LIKE ? LIMIT ?", f"%{text}%"
        else:
            sql = "SELECT name FROM titles WHERE titles MATCH ? ORDER BY bm25(titles) LIMIT ?"
            words = " OR ".join(f'"{text[at : at + 3]}"' for at in range(len(text) - 2))
        return [row[0] for row in database.execute(sql, (words, DEPTH))]

    return search


def jieba_bm25(titles: list[tuple[str, str]]) -> Search:
    """BM25 (k1 1.2, b 0.75) over the words that jieba cuts for search engines."""
    import logging

    import jieba

    jieba.setLogLevel(logging.ERROR)
    documents = [Counter(word for word in jieba.cut_for_search(fold(title)) if word.strip()) for _, title in titles]
    holders: dict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(documents):
        for word in words:
            holders[word].append(number)
    lengths = [sum(words.values()) for words in documents]
    mean = sum(lengths) / max(1, len(lengths))

    def search(query: str) -> list[str]:
        scores: dict[int, float] = defaultdict(float)
        for word in set(jieba.cut_for_search(fold(query))):
            rows = holders.get(word, [])
            rarity = math.log(1 + (len(titles) - len(rows) + 0.5) / (len(rows) + 0.5))
            for row in rows:
                often = documents[row][word]
                scores[row] += rarity * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * lengths[row] / mean))
        return [titles[row][0] for row in nlargest(DEPTH, scores, key=lambda row: scores[row])]

    return search


def table(report: dict[str, object]) -> str:
    lines = [" ".join(f"{key}={value}" for key, value in report.items() if not isinstance(value, dict))]
    for name, parts in report.items():
        if isinstance(parts, dict):
            lines.append(name)
            lines += [
                f"  {part:9}" + "  ".join(f"{key} {value}" for key, value in row.items()) for part, row in parts.items()
            ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
