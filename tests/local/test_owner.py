"""Whose a cache is: the server's id first, then its address, then its name, and never another user's."""

from __future__ import annotations

import pytest

from okpay_console.errors import StoreForeign
from okpay_console.local.owner import Owner, met

HERE, THERE = "https://a.example", "https://b.example"
KNOWN = Owner("OKPay", "wang", "1", HERE)
BEFORE_IDS = Owner("OKPay", "wang")


@pytest.mark.parametrize(
    ("known", "found", "remembered"),
    [
        pytest.param(None, KNOWN, KNOWN, id="a fresh store becomes the first one's"),
        pytest.param(KNOWN, Owner("OKPay", "wang", "1", THERE), Owner("OKPay", "wang", "1", THERE), id="it has moved"),
        pytest.param(KNOWN, Owner("Neu", "wang", "1", HERE), Owner("Neu", "wang", "1", HERE), id="it was renamed"),
        pytest.param(KNOWN, Owner("OKPay", "wang", "2", HERE), Owner("OKPay", "wang", "2", HERE), id="it was rebuilt"),
        pytest.param(
            KNOWN, Owner("OKPay", "wang", "2", HERE + "/"), Owner("OKPay", "wang", "2", HERE + "/"),
            id="a slash at the end is no other address",
        ),
        pytest.param(BEFORE_IDS, KNOWN, KNOWN, id="a store of before there were ids binds itself"),
        pytest.param(
            Owner("OKPay", "wang", "", HERE), Owner("Neu", "wang", "1", HERE), Owner("Neu", "wang", "1", HERE),
            id="a server that tells its id from now on",
        ),
        pytest.param(KNOWN, Owner("OKPay", "wang", "", HERE), KNOWN, id="a server that no longer tells its id"),
    ],
)  # fmt: skip
def test_these_are_ours_and_what_is_new_about_them_is_remembered(known, found, remembered):
    assert met(known, found) == remembered


@pytest.mark.parametrize(
    ("known", "found"),
    [
        pytest.param(KNOWN, Owner("OKPay", "wang", "2", THERE), id="another database elsewhere, by the same name"),
        pytest.param(KNOWN, Owner("OKPay", "li", "1", HERE), id="another user"),
        pytest.param(KNOWN, Owner("OKPay", "wang", "", THERE), id="no id and another address"),
        pytest.param(BEFORE_IDS, Owner("Other", "wang", "2", THERE), id="no id and another name"),
        pytest.param(Owner("OKPay", "wang", "1"), Owner("OKPay", "wang", "2", HERE), id="another id, address unknown"),
        pytest.param(Owner("OKPay", "wang", "1"), Owner("OKPay", "wang", "2"), id="two unknown addresses are not one"),
    ],
)
def test_these_are_not_ours_and_the_sentence_says_what_to_do(known, found):
    with pytest.raises(StoreForeign) as caught:
        met(known, found)
    assert "OKPAY_DATA_DIR" in caught.value.advice


def test_the_sentence_about_another_server_names_both_addresses():
    with pytest.raises(StoreForeign) as caught:
        met(KNOWN, Owner("OKPay", "wang", "2", THERE))
    assert HERE in caught.value.what and THERE in caught.value.what
