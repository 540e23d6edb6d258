"""The rules of the house that a machine can check: floors, types, style, the top level, and that the README is true."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from okpay_console.tui import keys

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tracked() -> list[str]:
    """The files that belong to the project: what git tracks or would track."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard")
    return [name for name in listed.splitlines() if (ROOT / name).exists()]


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def commands_of_readme() -> list[str]:
    """The lines of the README's first two shell blocks: try it, and test it."""
    blocks = re.findall(r"```sh\n(.*?)```", readme(), re.DOTALL)
    return [block.strip() for block in blocks[:2]]


def test_a_room_imports_only_from_floors_below_it() -> None:
    run(str(BIN / "lint-imports"), "--no-cache")


def test_types_are_strict_everywhere() -> None:
    run(sys.executable, "-m", "mypy", "okpay_console")


def test_style_is_clean() -> None:
    run(sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")


def test_the_visible_top_level_is_exactly_as_agreed() -> None:
    visible = {name.split("/")[0] for name in tracked() if not name.startswith(".")}
    assert visible == {"pyproject.toml", "README.md", "okpay_console", "tests", "themes"}


def test_ci_runs_the_test_command_of_the_readme_literally() -> None:
    _, test = commands_of_readme()
    assert test in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_two_commands_of_the_readme_need_no_virtual_environment_beforehand() -> None:
    demo, test = commands_of_readme()
    assert demo.startswith("python3 -m venv .venv && ") and demo.endswith("okpay-console demo")
    assert test.startswith("python3 -m venv .venv && ") and test.endswith("python -m pytest")


def test_the_map_in_the_readme_names_every_room_and_no_other() -> None:
    """A room is a top module or folder of the package; its name stands in the README's map."""
    rooms = {name.split("/")[1].removesuffix(".py") for name in tracked() if name.startswith("okpay_console/")}
    shown = re.search(r"```\nokpay_console/\n(.*?)\nthemes/", readme(), re.DOTALL)
    assert shown
    assert {line.split()[0] for line in shown[1].splitlines()} == rooms - {"__init__"}


def test_pictures_in_the_readme_exist_in_the_checkout() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", readme())
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_the_keys_of_the_first_call_in_the_readme_are_those_that_the_journey_presses() -> None:
    script = tomllib.loads((ROOT / "tests/journeys/scripts/1-password-zh.toml").read_text(encoding="utf-8"))
    pressed: list[str] = []
    for line in script["play"] + script["end"]:
        pressed += [{"Space": "空格"}.get(key, key.replace("C-", "^").upper()) for key in line.get("keys", [])]
        pressed += ["…"] if "says" in line else [line["types"]] if "types" in line else []
    shown = re.search(r"^`F5` `\^G`.*$", readme(), re.MULTILINE)
    assert shown
    assert [key.strip("`").upper() for key in shown[0].split()] == [key.upper() for key in pressed]


def test_the_keystrokes_in_the_readme_are_those_of_the_journeys() -> None:
    scripts = sorted((ROOT / "tests" / "journeys" / "scripts").glob("*-zh.toml"))
    stated = [tomllib.loads(path.read_text(encoding="utf-8"))["keystrokes"] for path in scripts]
    shown = re.search(r"^找回密码 .*：`tests/journeys/scripts/`", readme(), re.MULTILINE)
    assert shown
    assert [int(number) for number in re.findall(r"\d+", shown[0])] == stated


def test_every_key_in_the_readmes_first_call_is_a_key_of_the_console() -> None:
    section = readme().partition("## 五分钟")[2].partition("\n### ")[0]
    named = set(re.findall(r"(?<=`)(?:F\d+|\^[A-Z])(?=`)", section))
    bound = {keys.shown(key.strip()) for action in keys.ACTIONS for key in action.keys.split(",")}
    assert named
    assert named - bound == set()


def test_each_dependency_has_its_reason_beside_it() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    start = lines.index("dependencies = [")
    end = lines.index("[project.scripts]")
    required = [line for line in lines[start:end] if re.match(r'\s+"[a-zA-Z]', line) and "okpay-console[" not in line]
    assert required
    assert [line for line in required if "#" not in line] == []


def test_textual_is_pinned_exactly_and_tinydb_below_its_next_major() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert any(re.fullmatch(r"textual==\d+\.\d+\.\d+", one) for one in project["dependencies"])
    assert "tinydb>=4.9,<5" in project["dependencies"]
    assert set(project["optional-dependencies"]) >= {"server", "postgres", "keyring", "dev"}


def test_the_domain_loads_without_any_library_that_reaches_outside() -> None:
    """Proved in a fresh interpreter: the most important floor, looked at from outside."""
    program = (
        "import sys, pkgutil, importlib, okpay_console.domain as d\n"
        "[importlib.import_module(f'okpay_console.domain.{m.name}') for m in pkgutil.iter_modules(d.__path__)]\n"
        "far = {'textual', 'rich', 'httpx', 'tinydb', 'sqlalchemy', 'litestar', 'asyncio', 'keyring'}\n"
        "print(*sorted(far & set(sys.modules)))"
    )
    assert run(sys.executable, "-c", program).strip() == ""


def test_files_hold_no_path_of_a_machine() -> None:
    pattern = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|root|home)/", re.MULTILINE)
    guilty = []
    for name in tracked():
        if name.endswith((".png", ".svg", ".bin")):
            continue
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        if name != "tests/test_house.py" and pattern.search(text):
            guilty.append(name)
    assert guilty == []


def test_modules_open_with_one_sentence() -> None:
    bare = [
        name
        for name in tracked()
        if name.startswith("okpay_console/")
        and name.endswith(".py")
        and not (ROOT / name).read_text(encoding="utf-8").lstrip().startswith('"""')
        and (ROOT / name).stat().st_size
    ]
    assert bare == []


def test_the_wheel_ships_everything_that_is_not_a_module(tmp_path: Path) -> None:
    """Themes live beside the package in a checkout and inside it once installed; texts, styles and answers always inside."""
    run(sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), ".")
    (wheel,) = tmp_path.glob("*.whl")
    shipped = set(zipfile.ZipFile(wheel).namelist())
    data = {name for name in tracked() if name.startswith("okpay_console/") and not name.endswith(".py")}
    themes = {f"okpay_console/{name}" for name in tracked() if name.startswith("themes/")}
    assert data and themes
    assert (data | themes) - shipped == set()
