"""The settings: defaults, then the settings file, then the environment, then the command line; the later one wins."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_type_hints

import msgspec
from msgspec import Meta

from okpay_console import misset
from okpay_console.domain import tables
from okpay_console.errors import ConfigError

Say = misset.Say

APP: Final = "okpay-console"
FILE_NAME: Final = "settings.toml"


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the house lays over the shipped limits, written as ``content/sla.toml`` explains.

    ``calendar`` is the file of its calendars, beside the settings file or by its full path; ``target`` are its targets.
    """

    calendar: str = ""
    target: tuple[dict[str, str], ...] = ()


class Wall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands beside the numbers of the wall and of ``stats``, as ``domain.wallnumbers.House`` explains."""

    target_s: Annotated[float, Meta(ge=0, le=3600)] = 20.0
    short_abandon_s: Annotated[float, Meta(ge=0, le=3600)] = 5.0
    goal: Annotated[float, Meta(gt=0, lt=1)] = 0.8
    occupancy: Annotated[float, Meta(gt=0, le=1)] = 0.85
    shrinkage: Annotated[float, Meta(ge=0, lt=1)] = 0.3
    fcr_days: Annotated[int, Meta(ge=1, le=90)] = 7
    weeks: Annotated[int, Meta(ge=1, le=26)] = 4
    formula: Literal["strict", "freshcaller", "genesys", "flex", "connect"] = "strict"
    care_stretch_s: Annotated[float, Meta(ge=600, le=86400)] = 7200.0
    care_abusive: Annotated[int, Meta(ge=1, le=100)] = 2
    care_contact: Annotated[float, Meta(gt=0, le=1)] = 0.9


class Care(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an agent may ask for; all of it is the house's choice.

    "A minute" lasts ``minute_seconds``, ``minutes_per_shift`` times (0: none is given), and is not given while
    ``minute_waiting`` or more callers wait (0: however many). The others are planned lengths of breaks, 0 for no plan.
    """

    minute_seconds: Annotated[int, Meta(ge=10, le=900)] = 120
    minutes_per_shift: Annotated[int, Meta(ge=0, le=100)] = 3
    minute_waiting: Annotated[int, Meta(ge=0, le=10_000)] = 0
    rest_minutes: Annotated[int, Meta(ge=0, le=480)] = 15
    meal_minutes: Annotated[int, Meta(ge=0, le=480)] = 30
    meeting_minutes: Annotated[int, Meta(ge=0, le=480)] = 30
    training_minutes: Annotated[int, Meta(ge=0, le=480)] = 60


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that a user may set. The description of each field is the text that help and ``doctor`` show.

    ``token``, ``passphrase`` and ``data_dir`` are not read from the file: a secret in a file that people share would not stay
    one, and the file's own place is found beside the data folder. ``source`` is the file that was read, "" for none.
    """

    server: Annotated[str, Meta(description="Address of the server, such as https://desk.example.com")] = ""
    lang: Annotated[Literal["zh", "en", "auto"], Meta(description="Language: zh, en, or auto (from the locale)")] = "zh"
    theme: Annotated[str, Meta(description="Colour theme, the name of a file in themes/ without .toml")] = "okpay-dark"
    mouse: Annotated[bool, Meta(description="Whether the mouse works in the console")] = True
    timezone: Annotated[str, Meta(description="IANA zone of wall clock times typed and shown")] = "Asia/Shanghai"
    plain_http: Annotated[
        bool, Meta(description="Allow http:// to another machine: the token then crosses the network readable")
    ] = False
    answer_seconds: Annotated[
        float,
        Meta(ge=0.2, le=300, description="Seconds that the server may take for an answer before it counts as away"),
    ] = 15.0
    silence_seconds: Annotated[
        float,
        Meta(
            ge=0.2,
            le=600,
            description="Seconds without a sign of life (the server gives one every 15) that end its stream",
        ),
    ] = 45.0
    ca_file: Annotated[
        str, Meta(description="PEM file of the authorities that alone vouch for the server, instead of the system's")
    ] = ""
    placeholders: Annotated[
        dict[str, str], Meta(description="Company facts that canned answers leave blank (telephone, hours, fees)")
    ] = {}
    macros: Annotated[
        dict[str, dict[str, Any]], Meta(description="Own macros by their id, written as the shipped ones are")
    ] = {}
    keys: Annotated[dict[str, str], Meta(description='Own keys: action = "key", or several separated by commas')] = {}
    wrapup_seconds: Annotated[
        int, Meta(ge=0, le=3600, description="After-call work ends by itself after so many seconds; 0 for never")
    ] = 120
    alarm_minutes: Annotated[
        int,
        Meta(ge=0, le=1440, description="A promise is announced so many minutes before it is due, and at that time"),
    ] = 10
    sla: Annotated[
        Limits, Meta(description='Own limits: calendar = "FILE" for hours and holidays, and [[sla.target]] tables')
    ] = Limits()
    wall: Annotated[
        Wall,
        Meta(
            description="[wall]: target_s, short_abandon_s, goal, occupancy, shrinkage, fcr_days, weeks, formula, care_…"
        ),
    ] = Wall()
    care: Annotated[
        Care,
        Meta(
            description="[care]: minute_seconds, minutes_per_shift, minute_waiting; rest_, meal_, meeting_, training_minutes"
        ),
    ] = Care()
    retain_days: Annotated[
        int, Meta(ge=0, description="`admin retain` empties cases closed so many days ago; 0: only with --days")
    ] = 0
    retain_complaint_days: Annotated[
        int, Meta(ge=1096, description="Complaints are kept for so many days after their end; three years at least")
    ] = 1098
    token: str = ""
    passphrase: str = ""
    data_dir: str = ""
    source: str = ""

    def __repr__(self) -> str:
        """Without token and passphrase: what shows settings may be shown to anybody."""
        return f"Settings(server={self.server!r}, data_dir={self.data_dir!r}, source={self.source!r})"

    @property
    def language(self) -> Literal["zh", "en"]:
        """The language to speak; ``auto`` takes what the locale of the process says, and Chinese where it says nothing."""
        return locale_language(os.environ) if self.lang == "auto" else self.lang

    @property
    def home(self) -> Path:
        """The folder of this console's cache, outbox and drafts; it need not exist yet."""
        return Path(self.data_dir)

    @property
    def authorities(self) -> str:
        """The file of trusted authorities, "" for the system's; a bare name is beside the settings file."""
        return str(Path(self.source).parent / Path(self.ca_file).expanduser()) if self.ca_file else ""

    @property
    def calendar(self) -> str:
        """The file of the house's calendars, "" for none; a bare name is beside the settings file."""
        return str(Path(self.source).parent / Path(self.sla.calendar).expanduser()) if self.sla.calendar else ""


FROM_FILE: Final = tuple(
    name for name in Settings.__struct_fields__ if name not in ("token", "passphrase", "data_dir", "source")
)
_ENVIRONMENT: Final = {
    "OKPAY_SERVER": "server",
    "OKPAY_TOKEN": "token",
    "OKPAY_PASSPHRASE": "passphrase",
    "OKPAY_CA_FILE": "ca_file",
    "OKPAY_LANG": "lang",
    "OKPAY_DATA_DIR": "data_dir",
}


def load(environ: Mapping[str, str], *, flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings in force. ``flags`` are the command line's, None for "not given"; its ``config`` names the file.

    Raises ``ConfigError`` saying which file or variable is wrong, on which line where that can be told: a console
    must not start on settings that somebody believes are in force and are not.
    """
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    flag = given.pop("config", None)
    named = flag or environ.get("OKPAY_CONFIG", "")
    say = speaker(given.get("lang") or environ.get("OKPAY_LANG"), environ)
    path = Path(named).expanduser() if named else default_file()
    # The flag says that the file is there; the variable, often set for a whole machine, where it would be.
    values = read_file(path, say=say, must_exist=bool(flag))
    origin = dict.fromkeys(values, str(path))
    for variable, name in _ENVIRONMENT.items():
        if environ.get(variable):
            values[name] = environ[variable]
            origin[name] = variable
    for name, value in given.items():
        values[name] = value
        origin[name] = "--" + name.replace("_", "-")
    values["data_dir"] = str(Path(values["data_dir"]).expanduser()) if values.get("data_dir") else str(default_home())
    values["token"] = values.get("token", "").strip()
    values["source"] = str(path) if path.is_file() else ""
    say = speaker(values.get("lang"), environ)
    if "server" in values:
        values["server"] = _server(values["server"], origin["server"], say)
    try:
        settings = msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        name = misset.field_of(error)
        raise misset.wrong(origin.get(name, "?"), name, error, describe().get(name, ""), say) from error
    _check_zone(settings, origin.get("timezone", ""), say)
    return settings


def read_file(path: Path, *, say: Say, must_exist: bool = False) -> dict[str, Any]:
    """The checked table in a settings file, empty where there is none; ``say`` picks the language of the message.

    Raises ``ConfigError`` for a file that cannot be read, is not TOML, or has a key that does not exist; the message names
    the line and the nearest key that does.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        table = tables.read(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        if isinstance(error, FileNotFoundError) and not must_exist:
            return {}
        raise misset.unreadable(path, error, say) from error
    for key in table:
        if key not in FROM_FILE:
            raise misset.unknown(path, text, key, FROM_FILE, say)
    _check_blanks(path, text, table.get("placeholders"), say)
    try:
        msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        name = misset.field_of(error)
        at = misset.place(path, misset.line_of(text, name), say)
        raise misset.wrong(at, name, error, describe().get(name, ""), say) from error
    return table


def speaker(lang: object, environ: Mapping[str, str]) -> Say:
    """Picks between a Chinese and an English sentence by a language setting that need not be valid."""
    known = locale_language(environ) if lang == "auto" else lang
    return (lambda _, en: en) if known == "en" else (lambda zh, _: zh)


def default_home() -> Path:
    """Where the operating system wants this program's data."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False))


def default_file() -> Path:
    """Where the operating system wants this program's settings."""
    import platformdirs

    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / FILE_NAME


def locale_language(environ: Mapping[str, str]) -> Literal["zh", "en"]:
    """The language of the first locale variable that is set (POSIX order); C and POSIX say nothing."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(variable, "")
        if value and value.partition(".")[0] not in ("C", "POSIX"):
            return "zh" if value.startswith("zh") else "en"
    return "zh"


def _check_blanks(path: Path, text: str, blanks: object, say: Say) -> None:
    if isinstance(blanks, dict):
        from okpay_console.domain.answers import PLACEHOLDERS

        for key in blanks:
            if key not in PLACEHOLDERS:
                raise misset.unknown(path, text, key, tuple(PLACEHOLDERS), say, table="placeholders")


def _check_zone(settings: Settings, origin: str, say: Say) -> None:
    if settings.timezone == "Asia/Shanghai":  # the default needs no look at the zone files
        return
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(settings.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            say(
                f"{origin}：没有时区“{settings.timezone}”。", f"{origin}: there is no time zone '{settings.timezone}'."
            ),
            say("请写成 Asia/Shanghai 这样的名字。", "Write a name such as Asia/Shanghai."),
        ) from error


def _server(value: object, origin: str, say: Say) -> object:
    """The address without a trailing slash; ``ConfigError`` where it is no web address at all."""
    if not isinstance(value, str):
        return value
    address = value.strip().rstrip("/")
    # Whether somebody answers there is found out by the one who connects; here only what could never be an address.
    if address and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", address):
        raise ConfigError(
            say(f"{origin}：“{address[:80]}”不是服务器地址。", f"{origin}: '{address[:80]}' is not a server address."),
            say("请写成 https://主机 或 http://主机:端口。", "Write it as https://host or http://host:port."),
        )
    return address


def describe() -> dict[str, str]:
    """Each setting of the file with the sentence that is declared beside it."""
    hints = get_type_hints(Settings, include_extras=True)
    return {name: hints[name].__metadata__[0].description for name in FROM_FILE}
