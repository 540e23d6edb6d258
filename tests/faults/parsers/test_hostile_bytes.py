"""Whatever bytes come, a parser answers or raises what it has declared, and what lies beside is as it was."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

hostile: Any = sys.modules["okpay_parsers_hostile"]
table: Any = sys.modules["okpay_parsers_table"]
EXAMPLES = hostile.EXAMPLES or 12
EACH = pytest.mark.parametrize("parser", table.PARSERS, ids=[one.name for one in table.PARSERS])
STEP = st.tuples(st.integers(0, 255), st.integers(0, 65535), st.integers(0, 65535))


def attacked(parser: Any, data: bytes) -> None:
    try:
        parser.read(data)
    except parser.may:
        pass
    except AssertionError:
        raise
    except Exception as error:
        shown = data if len(data) < 300 else data[:150] + b" ... " + data[-100:]
        raise AssertionError(f"{parser.name}: {type(error).__name__}: {str(error)[:200]} from {shown!r}") from error


@EACH
def test_good_documents_are_read(parser: Any) -> None:
    """Else nothing that follows is a near miss."""
    for doc in parser.good:
        try:
            parser.read(doc)
        except parser.may:
            assert parser.name in ("event without end", "vault"), "its good document is refused"


@EACH
def test_no_document_that_should_never_have_been_sent_does_harm(parser: Any) -> None:
    everything = [*hostile.nasty(), *(data for doc in parser.good for data in hostile.inside(doc))]
    for data in hostile.share(everything, parser.name, one_in=8):
        attacked(parser, data[: 1 << 12] if parser.heavy else data)


@EACH
def test_a_mebibyte_in_one_line_does_no_harm(parser: Any) -> None:
    for data in hostile.share(hostile.large(), parser.name, one_in=5):
        attacked(parser, data[: 1 << 13] if parser.heavy else data)


@EACH
def test_no_mutation_of_a_good_document_does_harm(parser: Any) -> None:
    """Flipped, cut, doubled, spliced, with another value in a value's place; or any bytes, or any text."""

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=not hostile.EXAMPLES,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        data=st.one_of(
            st.builds(hostile.broken, st.sampled_from(parser.good), st.lists(STEP, min_size=1, max_size=4)),
            st.builds(hostile.broken, st.sampled_from(parser.good), st.lists(STEP, min_size=1, max_size=2)),
            st.binary(max_size=200),
            st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")),
        )
    )
    def attack(data: bytes) -> None:
        attacked(parser, data)

    attack()


def test_a_theme_whose_variables_are_no_table_is_told_so() -> None:
    with pytest.raises(table.errors.ContentError, match="no table"):
        table.BY_NAME["theme"].read(b'primary = "#ffffff"\nvariables = 1\n')
