"""What the documents say can be followed: links lead somewhere, named tests exist, and no setting is left out."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]

NODE_ID = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)|<img[^>]+src=\"([^\"]+)\"|srcset=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
ELSEWHERE = ("http://", "https://", "mailto:")


@cache
def documents() -> list[Path]:
    """Every Markdown file that is or will be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted({ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()})


def named_tests() -> list[tuple[str, str, str]]:
    return [
        (document.relative_to(ROOT).as_posix(), path, name)
        for document in documents()
        for path, name in NODE_ID.findall(document.read_text())
    ]


@cache
def collected_from(path: str) -> frozenset[str]:
    """The names that pytest collects at the top of a module."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    return frozenset(
        node.name
        for node in ast.parse(file.read_text()).body
        if (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"))
        or (isinstance(node, ast.ClassDef) and node.name.startswith("Test"))
    )


def links() -> Iterator[tuple[Path, str]]:
    for document in documents():
        text = FENCED.sub("", document.read_text())
        for groups in LINK.findall(text):
            target = next(group for group in groups if group)
            if not target.startswith(ELSEWHERE):
                yield document, unquote(target)


def anchors(document: Path) -> set[str]:
    """The fragments that GitHub gives a document's headings; the second of one name ends with -1, and so on."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCED.sub("", document.read_text())):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        repeats = sum(1 for known in found if known == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", known))
        found.add(f"{slug}-{repeats}" if repeats else slug)
    return found


def problem_of(document: Path, target: str) -> str | None:
    path, _, fragment = target.partition("#")
    file = (document.parent / path).resolve() if path else document
    if not file.exists():
        return "leads to no file"
    if fragment and file.suffix == ".md" and fragment not in anchors(file):
        return "leads to no heading"
    return None


def test_no_relative_link_is_dead() -> None:
    dead = {
        f"{document.relative_to(ROOT).as_posix()}: {target} {problem}"
        for document, target in links()
        if (problem := problem_of(document, target))
    }
    assert dead == set()


def test_a_dead_link_would_be_noticed(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("# One thing, and `another`\n")
    assert problem_of(document, "missing.md") == "leads to no file"
    assert problem_of(document, "#two") == "leads to no heading"
    assert problem_of(document, "#one-thing-and-another") is None


def test_the_index_leads_to_every_document() -> None:
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / target).resolve() for document, target in links() if document == index}
    assert set((ROOT / "docs").glob("*.md")) - listed == {index}


def test_the_picture_is_the_same_by_day_and_by_night() -> None:
    light, dark = (
        re.sub(r"#[0-9a-f]{6}", "#colour", (ROOT / f"docs/images/way-of-a-booking-{mode}.svg").read_text())
        for mode in ("light", "dark")
    )
    assert light == dark


def test_each_test_that_a_document_names_exists() -> None:
    gone = {
        f"{document}: {path}::{name}"
        for document, path, name in named_tests()
        if name not in collected_from(path)
    }
    assert gone == set()


def test_every_row_about_a_defect_names_a_test() -> None:
    text = (ROOT / "docs" / "defects.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    assert len(rows) > 10
    assert [row for row in rows if not NODE_ID.search(row)] == []


def test_no_test_is_switched_off() -> None:
    """A server that can't be had is a skip at run time, with its reason; a decorator would be for good."""
    switched_off = {
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail"}
        if isinstance(node.value, ast.Attribute) and node.value.attr == "mark"
    }
    assert switched_off == set()
