"""`explain`, `test`, `schema` and the warnings of `check`, whole but for the process around most of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from aiohttp import web
from bot_process import newsbell
from click.testing import CliRunner, Result

from bot.cli import cli

RULES = """\
version: 1
entities:
  turkiye:
    country: TR
    aliases: [Ankara]
    unless: [roast turkey]
rules:
  - id: rare-earth
    title: Rare earths
    any: [rare earth, nadir toprak, 稀土]
    none: [rock band]
  - id: byd-turkiye
    all: [=BYD, $turkiye]
    near: 5
  - id: coast
    any: [quake]
    feeds: [Coast News]
    tags: [sea]
channels:
  - {chat: "@wire", rules: all}
tests:
  - {text: A rare earth refinery, expect: [rare-earth]}
  - {text: BYD goes to Ankara, expect: [byd-turkiye]}
  - {text: a quake, feed: Coast News, tags: [sea], expect: [coast]}
"""
FAILING = RULES + "  - {text: Ankara hears a rock band, expect: [rare-earth]}\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    path = tmp_path / "failing.yaml"
    path.write_text(FAILING, encoding="utf-8")
    return path


def ran(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, arguments, input=stdin, catch_exceptions=False)


def explained(rules: Path, *arguments: str, stdin: str = "") -> Result:
    return ran("explain", "--rules", str(rules), *arguments, stdin=stdin)


def test_explain_marks_what_rang_and_shows_the_tree(rules: Path) -> None:
    done = explained(rules, "--text", "Rare earths from Ankara")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "[[Rare earths]] from [Ankara]" in done.stdout
    assert "✓ rare-earth rang" in done.stdout
    assert "✓ rare earth  “Rare earths” in content" in done.stdout


def test_explain_tells_how_far_a_rule_was_from_ringing(rules: Path) -> None:
    done = explained(rules, "--text", "BYD said on Monday that it would soon open an office in Ankara")
    assert "✗ byd-turkiye did not ring" in done.stdout
    assert "11" in done.stdout


def test_explain_marks_what_does_not_count(rules: Path) -> None:
    assert "a {turkey} dinner" not in explained(rules, "--text", "a roast turkey dinner").stdout
    done = explained(rules, "--text", "BYD serves roast turkey", "--language", "en")
    assert "{turkey}" in done.stdout


def test_explain_sums_up_rules_without_any_hit(rules: Path) -> None:
    done = explained(rules, "--text", "a rare earth")
    assert "Without any hit: byd-turkiye, coast" in done.stdout


def test_explain_shows_every_rule_where_all_is_asked_for(rules: Path) -> None:
    done = explained(rules, "--text", "a rare earth", "--all")
    assert "✗ coast did not ring" in done.stdout


def test_explain_shows_one_rule_where_it_is_asked_for(rules: Path) -> None:
    done = explained(rules, "--text", "a rare earth", "--rule", "coast")
    assert ("coast did not ring" in done.stdout, "rare-earth" in done.stdout) == (True, False)


def test_the_first_line_of_several_is_the_title(rules: Path) -> None:
    done = explained(rules, "--text", "-", stdin="A rare earth\nand more of it\n")
    assert "“rare earth” in title" in done.stdout


def test_explain_reads_a_file_of_text(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text("稀土\nwords", encoding="utf-8")
    assert "“稀土” in title" in explained(rules, "--file", str(tmp_path / "article.txt")).stdout


def test_explain_reads_an_article_as_json_with_its_feed(rules: Path, tmp_path: Path) -> None:
    article = {"title": "A quake", "summary": "x", "feed": "Coast News", "tags": ["sea"]}
    (tmp_path / "article.json").write_text(json.dumps(article), encoding="utf-8")
    assert "✓ coast rang" in explained(rules, "--file", str(tmp_path / "article.json")).stdout


def test_what_steers_a_terminal_is_shown_and_not_done(rules: Path) -> None:
    done = explained(rules, "--text", "\x1b[31m rare earth\x07")
    assert "\\x1b[31m [[rare earth]]\\x07" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--text", "a", "--url", "https://a.example/"),
        ("--text", "a", "--rule", "rare-erth"),
        ("--file", "absent.txt"),
    ],
)
def test_explain_without_exactly_one_article_is_wrong_usage(rules: Path, arguments: tuple[str, ...]) -> None:
    assert explained(rules, *arguments).exit_code == 2


@pytest.mark.parametrize("content", [b"\xff\xfe", b'{"title": 5}', b"{"])
def test_a_file_that_holds_no_article_is_wrong_usage(rules: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "article").write_bytes(content)
    done = explained(rules, "--file", str(tmp_path / "article"))
    assert done.exit_code == 2


def test_explain_with_invalid_rules_ends_with_4(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("version: 2\n")
    done = newsbell("explain", "--rules", str(tmp_path / "bad.yaml"), "--text", "a")
    assert done.returncode == 4


@pytest.fixture
async def site() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/picture":
            return web.Response(body=b"GIF89a", content_type="image/gif")
        paragraphs = "<p>The ministry said on Sunday that it would build a refinery for rare earths.</p>" * 3
        return web.Response(
            text=f"<html lang=en><title>Refinery</title><article>{paragraphs}</article></html>",
            content_type="text/html",
        )

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_explain_fetches_a_page(rules: Path, site: str) -> None:
    done = await asyncio.to_thread(explained, rules, "--url", f"{site}/story", "--allow-private")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "[[rare earths]]" in done.stdout


async def test_explain_refuses_a_private_address(rules: Path, site: str) -> None:
    done = await asyncio.to_thread(explained, rules, "--url", f"{site}/story")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "not on the public internet; give --allow-private if that is meant" in done.stderr


async def test_explain_refuses_what_is_no_page(rules: Path, site: str) -> None:
    done = await asyncio.to_thread(explained, rules, "--url", f"{site}/picture", "--allow-private")
    assert (done.exit_code, "image/gif" in done.stderr) == (1, True)


def test_test_tells_how_many_passed(rules: Path) -> None:
    done = ran("test", str(rules))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"{rules} ...", "", "3 passed, 0 failed"]


def test_test_explains_each_failure_and_ends_with_1(failing: Path) -> None:
    done = ran("test", str(failing))
    assert done.exit_code == 1
    assert f"{failing} ...F" in done.stdout
    assert (
        f"{failing}:25:5: the test `Ankara hears a rock band` fails: `rare-earth` did not ring" in done.stdout
    )
    assert "✗ rock band  “rock band” in content" in done.stdout
    assert done.stdout.endswith("3 passed, 1 failed\n")


def test_test_takes_the_file_that_the_environment_names(rules: Path) -> None:
    done = newsbell("test", folder=rules.parent)
    assert done.stdout.startswith("rules.yaml ...")


def test_test_runs_several_files(rules: Path, failing: Path) -> None:
    done = ran("test", str(rules), str(failing))
    assert (done.exit_code, "6 passed, 1 failed" in done.stdout) == (1, True)


def test_test_of_invalid_rules_ends_with_4(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("version: 2\n")
    assert newsbell("test", str(tmp_path / "bad.yaml")).returncode == 4


def test_test_writes_a_report(failing: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    assert ran("test", str(failing), "--junit", str(report)).exit_code == 1
    root = ElementTree.parse(report).getroot()  # noqa: S314 - written by ourselves
    assert (root.get("tests"), root.get("failures")) == ("4", "1")


def test_a_report_that_cannot_be_written_is_wrong_usage(rules: Path, tmp_path: Path) -> None:
    assert ran("test", str(rules), "--junit", str(tmp_path / "absent" / "report.xml")).exit_code == 2


def test_coverage_names_what_no_test_would_miss_at_its_place(rules: Path) -> None:
    done = ran("test", str(rules), "--coverage")
    assert done.exit_code == 0
    assert (
        f"{rules}:10:23: no test would miss the term `nadir toprak` of the rule `rare-earth`" in done.stdout
    )
    assert f"{rules}:6:14: no test would miss the exclusion `roast turkey`" in done.stdout
    assert f"{rules}:14:5: no test would miss `near: 5` of the rule `byd-turkiye`" in done.stdout
    assert "the alias `Ankara`" not in done.stdout
    assert "parts of the rules would be missed by a test" in done.stdout


BLEMISHED = RULES.replace("any: [rare earth,", "any: [rare earth, rare earth metals,")


def test_check_warns_and_yet_ends_with_0(rules: Path) -> None:
    rules.write_text(BLEMISHED, encoding="utf-8")
    done = ran("check", str(rules))
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"{rules}:10:23: warning: `rare earth metals` adds nothing" in done.stdout


def test_a_strict_check_ends_with_1_on_a_warning(rules: Path) -> None:
    rules.write_text(BLEMISHED, encoding="utf-8")
    assert ran("check", "--strict", str(rules)).exit_code == 1


def test_a_strict_check_of_a_file_without_a_blemish_ends_with_0(rules: Path) -> None:
    done = ran("check", "--strict", str(rules))
    assert (done.exit_code, "warning" in done.stdout) == (0, False)


def test_schema_prints_a_json_schema() -> None:
    done = ran("schema")
    assert done.exit_code == 0
    assert "rules" in json.loads(done.stdout)["properties"]


def rang(rules: Path, **article: object) -> list[str]:
    done = ran("match", "--rules", str(rules), stdin=json.dumps({"id": 1, **article}))
    assert done.exit_code == 0, done.stderr
    return [found["rule"] for found in json.loads(done.stdout)["matches"]]


def test_a_line_rings_a_rule_for_its_feed_and_tag(rules: Path) -> None:
    assert rang(rules, title="A quake", feed="Coast News", tags=["sea", "land"]) == ["coast"]


@pytest.mark.parametrize(
    "article", [{}, {"feed": "Coast News"}, {"tags": ["sea"]}, {"feed": None, "tags": None}]
)
def test_a_line_without_feed_and_tag_rings_no_rule_that_asks_for_them(
    rules: Path, article: dict[str, object]
) -> None:
    assert rang(rules, title="A quake", **article) == []


@pytest.mark.parametrize(("key", "value"), [("feed", 5), ("tags", "sea"), ("tags", [1])])
def test_a_line_with_a_malformed_feed_or_tag_is_named(rules: Path, key: str, value: object) -> None:
    done = ran("match", "--rules", str(rules), stdin=json.dumps({"id": 1, key: value}))
    assert (done.exit_code, done.stderr.startswith(f"line 1: {key} is not")) == (1, True)
