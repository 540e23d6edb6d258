"""Macros on the screen: chosen from a list or by their own key, their questions asked in order, then all of it or nothing."""

from __future__ import annotations

from ..content.interface import lang, t
from ..content.macros import load_macros
from ..domain import callclock
from ..domain.macros import Macro, Prompt, expand
from ..errors import OkpayError
from . import keys
from .acts import Acts
from .rows import number_word
from .screens.ask import Choose, Write
from .when import parse_due


def known(acts: Acts) -> tuple[Macro, ...] | None:
    """The house's macros; what is wrong with one of them is said, and it is None."""
    try:
        return load_macros(acts.settings.macros)
    except OkpayError as error:
        # Whoever wrote it needs the very word that is wrong, which no sentence for all errors of a file could name.
        acts.floor.say(t("macro.wrong", what=error.what), "error")
        return None


async def choose(acts: Acts, ticket: str) -> None:
    """Offers them all, with their keys."""
    found = known(acts)
    if not found:
        return
    options = [(macro.id, f"{macro.title.of(lang())}  {keys.shown(macro.key)}") for macro in found]
    chosen = await acts.floor.ask(Choose(t("macro.title"), options))
    if isinstance(chosen, str):
        await run(acts, ticket, chosen)


async def by_key(acts: Acts, ticket: str, key: str) -> None:
    """The macro that has this key, such as ``shift+f1``."""
    found = known(acts)
    if found is None:
        return
    macro = next((macro for macro in found if macro.key == key), None)
    if macro is None:
        acts.floor.say(t("macro.no_key", key=keys.shown(key)), "warn")
    else:
        await run(acts, ticket, macro.id)


async def run(acts: Acts, ticket: str, name: str) -> None:
    """Asks, then does all of it in one go. A gate that holds is said, and nothing has happened."""
    macro = next((macro for macro in known(acts) or () if macro.id == name), None)
    found, desk = acts.ticket(ticket), acts.floor.desk
    if macro is None or found is None or desk is None:
        return
    answers: dict[str, str] = {}
    for place, prompt in enumerate(macro.prompts, 1):
        about = t("macro.asks", place=place, count=len(macro.prompts), asked=prompt.title.of(lang()))
        written = await acts.floor.ask(_question(acts, ticket, macro, prompt, about))
        if not isinstance(written, str):
            return
        due = parse_due(written, now=desk.author.now()) if prompt.kind == "time" else None
        answers[prompt.id] = due.isoformat() if due is not None else written
    standing = acts.now(found)
    call = callclock.live(standing, desk.me)
    try:
        made = expand(
            macro, standing, answers, desk.author,
            values=acts.settings.placeholders, lang=lang(), call=call.id if call is not None else "",
        )  # fmt: skip
    except OkpayError as error:
        acts.failed(error)
        return
    if await acts.do_all(made, said=t("macro.done", title=macro.title.of(lang()), number=number_word(found.number))):
        for prompt in macro.prompts:
            acts.jotter.forget(ticket, _draft(macro, prompt))


def _question(acts: Acts, ticket: str, macro: Macro, prompt: Prompt, about: str) -> Write:
    desk = acts.floor.desk
    assert desk is not None

    def check(words: str) -> str:
        due = parse_due(words, now=desk.author.now()) if prompt.kind == "time" else None
        return t("promise.unclear") if prompt.kind == "time" and due is None else ""

    title = macro.title.of(lang())
    if prompt.kind == "time":
        about += f"  {t('promise.examples')}"
        return Write(title, about=about, check=check, empty=not prompt.needed)
    slip = acts.jotter.slip(ticket, _draft(macro, prompt))
    text = acts.jotter.read(ticket, _draft(macro, prompt))
    return Write(title, text=text, about=about, check=check, empty=not prompt.needed, slip=slip)


def _draft(macro: Macro, prompt: Prompt) -> str:
    return f"macro:{macro.id}:{prompt.id}"
