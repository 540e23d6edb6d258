"""The settings: which source wins, and how a wrong one is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from okpay_console import config
from okpay_console.errors import ConfigError


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def make(text: str | bytes) -> dict[str, str]:
        path = tmp_path / "settings.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return {"OKPAY_CONFIG": str(path), "OKPAY_DATA_DIR": str(tmp_path), "OKPAY_LANG": ""}

    return make


def refusal(environ: dict[str, str], **flags: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        config.load({**environ, "OKPAY_LANG": environ.get("OKPAY_LANG") or "en"}, flags=flags)
    return caught.value


def test_flags_win_over_environment_over_file_over_defaults(write: Any) -> None:
    environ = write('server = "https://file.example"\nlang = "en"\ntheme = "okpay-light"\n')
    assert config.load(environ).server == "https://file.example"
    assert config.load({**environ, "OKPAY_SERVER": "https://env.example/"}).server == "https://env.example"
    both = config.load(
        {**environ, "OKPAY_SERVER": "https://env.example"}, flags={"server": "https://flag.example", "lang": None}
    )
    assert (both.server, both.lang, both.theme, both.mouse) == ("https://flag.example", "en", "okpay-light", True)


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(write: Any) -> None:
    wrong = refusal(write('lang = "zh"\n\nservr = "https://x"\n'))
    assert "line 3" in wrong.what
    assert "'servr'" in wrong.what
    assert "'server'" in wrong.advice


def test_an_unknown_blank_is_named_inside_its_table(write: Any) -> None:
    wrong = refusal(write('[placeholders]\nhotline = "1"\nservice_hour = "9-18"\n'))
    assert "line 3" in wrong.what
    assert "placeholders.service_hour" in wrong.what
    assert "'service_hours'" in wrong.advice


def test_an_unknown_table_is_found_by_its_heading(write: Any) -> None:
    assert "line 2" in refusal(write('lang = "zh"\n[placeholder]\nhotline = "1"\n')).what


def test_a_token_is_refused_in_the_file_and_its_text_is_not_repeated(write: Any) -> None:
    wrong = refusal(write('token = "okp_very-secret"\n'))
    assert "very-secret" not in wrong.what + wrong.advice
    assert "login" in wrong.advice


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lang = zh", "not TOML"),
        ('lang = "zh"\nmouse = "yes"', "line 2"),
        ('lang = "fr"', "lang"),
        (b'lang = "zh"\nserver = "\xff"', "line 2"),
        ('server = "desk.example.com"', "not a server address"),
        ('server = "https://user@host"', "not a server address"),
        ('timezone = "Mars/Base"', "Mars/Base"),
        ("[placeholders]\nhotline = 95188", "placeholders"),
    ],
)
def test_a_wrong_value_says_where(write: Any, text: str | bytes, said: str) -> None:
    assert said in refusal(write(text)).what


def test_a_file_named_by_the_flag_must_be_there_one_named_by_the_variable_may_come_later(tmp_path: Path) -> None:
    assert config.load({"OKPAY_CONFIG": str(tmp_path / "none.toml"), "OKPAY_DATA_DIR": str(tmp_path)}).source == ""
    assert "no settings file" in refusal({}, config=str(tmp_path / "none.toml")).what


def test_a_wrong_variable_is_named_and_not_the_file(write: Any) -> None:
    with pytest.raises(ConfigError, match="OKPAY_LANG"):
        config.load({**write(""), "OKPAY_LANG": "fr"})


def test_the_message_speaks_the_language_asked_for(write: Any) -> None:
    environ = write("servr = 1")
    with pytest.raises(ConfigError, match="第 1 行"):
        config.load(environ)
    with pytest.raises(ConfigError, match="line 1"):
        config.load({**environ, "OKPAY_LANG": "zh"}, flags={"lang": "en"})


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "POSIX"}, "en"),
    ],
)
def test_auto_takes_the_language_of_the_locale_and_else_chinese(variables: dict[str, str], lang: str) -> None:
    assert config.locale_language(variables) == lang


def test_the_houses_limits_are_read_and_their_file_is_looked_for_beside_the_settings(
    write: Any, tmp_path: Path
) -> None:
    found = config.load(
        write('[sla]\ncalendar = "hours.toml"\n[[sla.target]]\ncategory = "TXN"\nresolve = "1wd business"\n')
    )
    assert found.calendar == str(tmp_path / "hours.toml")
    assert found.sla.target == ({"category": "TXN", "resolve": "1wd business"},)
    assert config.load(write('[sla]\ncalendar = "/etc/hours.toml"\n')).calendar == str(Path("/etc/hours.toml"))
    assert config.load(write("")).calendar == ""


def test_a_misspelt_key_of_the_limits_is_named(write: Any) -> None:
    assert "calender" in refusal(write('[sla]\ncalender = "hours.toml"\n')).what


def test_every_setting_of_the_file_explains_itself() -> None:
    described = config.describe()
    assert set(described) == set(config.FROM_FILE)
    assert all(len(text) > 10 for text in described.values())


def test_a_file_with_every_kind_of_line_is_read(write: Any) -> None:
    lines = [
        "\ufeff# 设置",
        'lang = "zh"',
        "mouse = false",
        'timezone = "UTC"',
        "[keys]",
        'claim = "f2"',
        "[placeholders]",
        'hotline = "95188"',
    ]
    found = config.load(write("\r\n".join(lines)))
    assert (found.mouse, found.timezone, found.keys) == (False, "UTC", {"claim": "f2"})
    assert found.placeholders == {"hotline": "95188"}
