"""The knowledge base on the server: draft, review, publication, retirement, history, and counts, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from okpay_console.content import LANGUAGES, load_answers
from okpay_console.server import audit, ratings
from okpay_console.server.schema import audit as audit_rows

TEXT = "---\nid: limits\ntitle: 转账限额\ncategory: TXN\n---\n1. 请客户打开限额页。\n"


def markdown(name: str = "limits", title: str = "转账限额", lang: str = "") -> str:
    return f"---\nid: {name}\ntitle: {title}\n" + (f"lang: {lang}\n" if lang else "") + "---\n1. 第一步。\n"


async def save(editor: Any, text: str = TEXT, name: str = "limits", lang: str = "zh") -> Any:
    return await editor.http.put(f"/v1/answers/{name}/{lang}", json={"markdown": text})


async def act(editor: Any, verb: str, name: str = "limits", lang: str = "zh", **query: Any) -> Any:
    return await editor.http.post(f"/v1/answers/{name}/{lang}/{verb}", params=query)


async def listed(who: Any, **query: Any) -> Any:
    reply = await who.http.get("/v1/answers", params=query)
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.fixture
async def people(house: Any) -> tuple[Any, Any, Any]:
    """The author, a second supervisor, and an agent."""
    return (
        await house.sign_in("zhou", "supervisor"),
        await house.sign_in("qian", "supervisor"),
        await house.sign_in("wang", "agent"),
    )


async def test_a_draft_is_seen_by_editors_alone_until_a_second_person_publishes_it(people: Any) -> None:
    zhou, qian, wang = people
    made = (await save(zhou)).json()
    assert (made["version"], made["state"], made["author"]) == (1, "draft", "zhou")
    assert (await listed(wang))["answers"] == []
    assert [one["id"] for one in (await qian.http.get("/v1/answers/drafts")).json()] == ["limits"]
    own = await act(zhou, "publish")
    assert (own.status_code, own.json()["type"]) == (409, "/problems/second-editor")
    assert (await listed(wang))["answers"] == []
    done = (await act(qian, "publish")).json()
    assert (done["state"], done["author"], done["reviewer"]) == ("published", "zhou", "qian")
    [answer] = (await listed(wang))["answers"]
    assert answer == {"id": "limits", "lang": "zh", "version": 1, "markdown": TEXT}
    assert (await qian.http.get("/v1/answers/drafts")).json() == []


async def test_every_version_is_kept_with_who_and_when(house: Any, people: Any) -> None:
    zhou, qian, _ = people
    await save(zhou)
    house.later(minutes=1)
    await act(qian, "publish")
    house.later(minutes=1)
    await save(qian, TEXT + "2. 再试一次。\n")
    house.later(minutes=1)
    await act(zhou, "publish")
    second, first = (await zhou.http.get("/v1/answers/limits/zh/history")).json()
    assert [(one["version"], one["state"], one["author"], one["reviewer"]) for one in (second, first)] == [
        (2, "published", "qian", "zhou"),
        (1, "superseded", "zhou", "qian"),
    ]
    assert first["at"] < first["published_at"] < second["at"] < second["published_at"] == first["ended_at"]
    assert first["ended_by"] == "zhou"
    old = (await zhou.http.get("/v1/answers/limits/zh/versions/1")).json()
    assert old["markdown"] == TEXT


async def test_saving_the_same_text_again_and_publishing_twice_change_nothing(people: Any) -> None:
    zhou, qian, wang = people
    await save(zhou)
    assert (await save(zhou)).json()["version"] == 1
    first = (await act(qian, "publish")).json()
    tag = (await listed(wang))["tag"]
    assert (await act(qian, "publish")).json() == first
    assert (await save(qian)).json()["state"] == "published"
    assert (await listed(wang))["tag"] == tag


async def test_a_draft_that_was_passed_over_can_no_longer_be_published(people: Any) -> None:
    zhou, qian, _ = people
    await save(zhou)
    await save(zhou, TEXT + "2. 更好。\n")
    assert (await act(qian, "publish")).json()["version"] == 2
    late = await act(qian, "publish", version=1)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/not-a-draft")


async def test_a_retired_answer_says_so_to_the_consoles_and_can_come_back(people: Any) -> None:
    zhou, qian, wang = people
    await save(zhou)
    await act(qian, "publish")
    await act(zhou, "retire")
    [gone] = (await listed(wang))["answers"]
    assert gone == {"id": "limits", "lang": "zh", "version": 1, "retired": True}
    assert (await act(zhou, "retire")).status_code == 200
    await save(zhou, TEXT + "2. 新的。\n")
    await act(qian, "publish")
    [back] = (await listed(wang))["answers"]
    assert (back["version"], back.get("retired", False)) == (2, False)


async def test_a_shipped_answer_can_be_retired_though_the_server_never_had_its_text(people: Any) -> None:
    zhou, _, wang = people
    assert (await act(zhou, "retire", "feedback")).json()["state"] == "retired"
    assert (await listed(wang))["answers"] == [{"id": "feedback", "lang": "zh", "version": 1, "retired": True}]


async def test_nothing_new_is_304_and_a_console_that_has_the_texts_gets_none(house: Any, people: Any) -> None:
    zhou, qian, wang = people
    await save(zhou)
    await act(qian, "publish")
    reply = await wang.http.get("/v1/answers")
    again = await wang.http.get("/v1/answers", headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert reply.headers["etag"] == f'"{reply.json()["tag"]}"'
    assert "answers" not in await listed(wang, have=reply.json()["tag"])
    # A count alone brings the counts and not the texts.
    ticket = await wang.new()
    await wang.push(wang.author.rate(ticket, "limits", helped=True))
    counted = await wang.http.get(
        "/v1/answers", params={"have": reply.json()["tag"]}, headers={"If-None-Match": reply.headers["etag"]}
    )
    assert counted.status_code == 200
    assert "answers" not in counted.json()
    assert counted.json()["ratings"] == {"limits": [1, 0]}


async def test_a_publication_pokes_the_consoles_and_their_next_page_carries_another_number(people: Any) -> None:
    zhou, qian, wang = people
    await save(zhou)
    before = await wang.pull()
    assert before.shelf > 0
    await act(qian, "publish")
    after = await wang.pull()
    assert after.shelf != before.shelf
    assert after.shelf == (await listed(wang))["rev"]
    assert (await wang.pull()).shelf == after.shelf


async def test_a_large_knowledge_base_comes_page_by_page_and_whole(house: Any, people: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("okpay_console.server.knowledge._PAGE", 3)
    zhou, qian, wang = people
    names = [f"a{number}" for number in range(4)] + ["账户-1", "B"]
    for name in names:
        for lang in ("zh", "en"):
            assert (await save(zhou, markdown(name, lang=lang), name, lang)).status_code == 200
            assert (await act(qian, "publish", name, lang)).status_code == 200
    page = await listed(wang)
    found, pages = page["answers"], 1
    while page.get("next"):
        page = await listed(wang, after=page["next"])
        found += page["answers"]
        pages += 1
    assert pages == 4
    assert sorted((one["id"], one["lang"]) for one in found) == sorted(
        (n, lang) for n in names for lang in ("zh", "en")
    )


@pytest.mark.parametrize(
    ("name", "lang", "text", "code"),
    [
        ("limits", "zh", "no front matter", "bad-answer"),
        ("limits", "zh", TEXT.replace("limits", "other"), "other-answer"),
        ("limits", "en", markdown(lang="zh"), "other-answer"),
        ("limits", "fr", TEXT, "bad-lang"),
        ("..", "zh", markdown(".."), "bad-id"),
        (".hidden", "zh", markdown(".hidden"), "bad-id"),
        ("limits", "zh", TEXT + "x" * 40_001, "too-long"),
        ("limits", "zh", TEXT + "\x00", "too-long"),
        ("limits", "zh", TEXT + "{unheard_of}\n", "bad-answer"),
        ("limits", "zh", TEXT + "卡号 4111 1111 1111 1111\n", "secret"),
        ("limits", "zh", TEXT + "验证码是 482913\n", "secret"),
    ],
)
async def test_a_text_that_agents_must_not_get_is_refused(
    people: Any, name: str, lang: str, text: str, code: str
) -> None:
    zhou, _, _ = people
    reply = await save(zhou, text, name.replace(".", "%2E") if name == ".." else name, lang)
    assert (reply.status_code, reply.json()["type"]) == (422, f"/problems/{code}"), reply.text
    assert "4111" not in reply.text
    assert (await zhou.http.get("/v1/answers/drafts")).json() == []


async def test_a_path_that_leads_elsewhere_reaches_nothing(people: Any) -> None:
    zhou, _, _ = people
    for path in ("/v1/answers/..%2F..%2Fetc/zh", "/v1/answers/a%2Fb/zh", "/v1/answers/a/..%2Fzh"):
        assert (await zhou.http.put(path, json={"markdown": TEXT})).status_code in (404, 405, 422)


@pytest.mark.parametrize("role", ["agent", "integration"])
async def test_only_supervisors_write_answers_and_see_drafts(house: Any, people: Any, role: str) -> None:
    zhou, _, _ = people
    await save(zhou)
    other = await house.sign_in("other", role)
    replies = [
        await save(other),
        await act(other, "publish"),
        await act(other, "retire"),
        await other.http.get("/v1/answers/drafts"),
        await other.http.get("/v1/answers/limits/zh/history"),
        await other.http.get("/v1/answers/limits/zh/versions/1"),
    ]
    assert [reply.status_code for reply in replies] == [403] * 6
    assert (await listed(other))["answers"] == []


async def test_what_is_not_there_is_404(people: Any) -> None:
    zhou, _, _ = people
    assert (await act(zhou, "publish", "nothing")).status_code == 404
    assert (await zhou.http.get("/v1/answers/nothing/zh/history")).status_code == 404
    for number in ("1", "0", "99999999999"):
        assert (await zhou.http.get(f"/v1/answers/nothing/zh/versions/{number}")).status_code == 404


async def test_every_step_stands_in_the_audit_log_without_the_text(house: Any, people: Any) -> None:
    zhou, qian, _ = people
    await save(zhou)
    await act(qian, "publish")
    await act(zhou, "retire")

    def rows(conn: Any) -> list[tuple[str, str, str]]:
        wanted = select(audit_rows).where(audit_rows.c.what.startswith("answer.")).order_by(audit_rows.c.id)
        assert audit.broken_at(conn) is None
        return [(row.who, row.what, row.about) for row in conn.execute(wanted)]

    assert await house.context.db.read(rows) == [
        ("zhou", "answer.draft", "limits zh 1"),
        ("qian", "answer.publish", "limits zh 1"),
        ("zhou", "answer.retire", "limits zh 1"),
    ]


async def test_counts_follow_every_word_and_equal_a_recount_from_the_tickets(house: Any, people: Any) -> None:
    _, _, wang = people
    li = await house.sign_in("li")
    tickets = [await wang.new() for _ in range(4)]
    say = wang.author.rate
    await wang.push(say(tickets[0], "limits", helped=True), say(tickets[1], "limits", helped=True))
    await wang.push(say(tickets[2], "limits", helped=False), say(tickets[2], "找回密码", helped=True))
    # Said again, the last word counts; said twice the same, it counts once.
    await wang.push(say(tickets[1], "limits", helped=False), say(tickets[1], "limits", helped=False))
    await li.push(li.author.rate(tickets[3], "limits", helped=True))
    await li.push(li.author.rate(tickets[3], "x" * 150, helped=True))
    standing = {"limits": (2, 2), "找回密码": (1, 0)}
    assert await house.context.db.read(ratings.counts) == standing
    assert await house.context.db.write(ratings.recount) == standing
    assert await house.context.db.read(ratings.counts) == standing


async def test_a_rating_that_is_pushed_again_counts_once(house: Any, people: Any) -> None:
    _, _, wang = people
    ticket = await wang.new()
    items = wang.items(wang.author.rate(ticket, "limits", helped=True))
    await wang.send(items)
    await wang.send(items)
    assert await house.context.db.read(ratings.counts) == {"limits": (1, 0)}


async def test_a_house_may_let_the_author_publish(house: Any, people: Any) -> None:
    zhou, _, _ = people
    house.context.settings = replace(house.context.settings, self_review=True)
    await save(zhou)
    assert (await act(zhou, "publish")).json()["state"] == "published"


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_every_shipped_answer_may_be_put_on_the_server_as_it_is(people: Any, lang: str) -> None:
    from importlib import resources

    zhou, _, _ = people
    folder = resources.files("okpay_console.content") / "answers" / lang
    texts = [entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".md")]
    assert len(texts) == len(load_answers(lang))
    for text in texts:
        name = text.split("id: ")[1].split("\n")[0]
        reply = await save(zhou, text, name, lang)
        assert reply.status_code == 200, reply.text
