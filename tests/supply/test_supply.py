"""What is installed is what is pinned, by its hash, under a licence that is listed."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply.licences import DEVELOPMENT, ELSEWHERE, LISTED, ROOT, RUNTIME, licence, pinned

FILES = pytest.mark.parametrize("requirements", [RUNTIME, DEVELOPMENT], ids=lambda file: file.name)


@FILES
def test_every_dependency_is_pinned_to_a_version_and_to_hashes(requirements: Path) -> None:
    entries = re.split(r"\n(?=\S)", requirements.read_text().strip())
    assert len(entries) == len(pinned(requirements))
    for entry in entries:
        first, *hashes = entry.splitlines()
        assert re.match(r"[\w.-]+==[\w.]+ ", first), first
        assert hashes, first
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes)


@FILES
def test_what_the_project_names_is_pinned_as_it_asks(requirements: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = [*project["project"]["dependencies"], *groups["build"]]
    if requirements == DEVELOPMENT:
        asked += groups["dev"]
    there = {each.name: each.version for each in pinned(requirements)}
    for each in map(Requirement, asked):
        name = canonicalize_name(each.name)
        assert name in there, f"{name} is not pinned: run make lock"
        assert each.specifier.contains(there[name])


def test_both_files_agree() -> None:
    run, develop = (
        {(each.name, each.version) for each in pinned(file)} for file in (RUNTIME, DEVELOPMENT)
    )
    assert run <= develop


def test_the_list_of_licences_is_up_to_date() -> None:
    text = LISTED.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| ([\w.]+).*? \| (.+) \|$", text, re.MULTILINE)
    listed = {(name, version): told for name, version, told in rows if name != "---"}
    listed.pop(("package", "version"), None)
    asked = pinned(DEVELOPMENT)
    assert set(listed) == {(each.name, each.version) for each in asked}, "run make licences"
    for each in asked:
        told = listed[each.name, each.version]
        # On another system or Python other packages are installed than where it was written.
        if told != ELSEWHERE and (now := licence(each)) is not None:
            assert told == now, f"{each.name}: run make licences"
    assert "not told" not in listed.values()
