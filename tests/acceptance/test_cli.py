"""The commands as processes: what they print, and with which code they end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from bot_process import COMMAND, environment, newsbell

from bot import __version__

RULES = """\
version: 1
rules:
  - id: rare-earth
    title: Rare earths
    any: [rare earth]
  - id: brics
    title: BRICS
    any: [BRICS]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def lines(*objects: object) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in objects)


def answers(stdout: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_the_version_is_told() -> None:
    assert newsbell("--version").stdout == f"newsbell, version {__version__}\n"


@pytest.mark.parametrize("arguments", [("fly",), ("run", "--wet"), ("match", "extra")])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert newsbell(*arguments).returncode == 2


def test_no_token_ends_with_3_and_one_sentence(tmp_path: Path) -> None:
    done = newsbell("run", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert done.stderr.startswith("newsbell: no bot token; set TELEGRAM_BOT_TOKEN")


def test_absent_rules_end_with_4(tmp_path: Path) -> None:
    done = newsbell("run", "--dry-run", folder=tmp_path)
    assert (done.returncode, "rules.yaml:1:1:" in done.stderr) == (4, True)


def test_invalid_rules_end_with_4_and_every_position(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("version: 1\nfeedz: []\nrules:\n  - id: UPPER\n")
    done = newsbell("run", "--dry-run", folder=tmp_path)
    assert done.returncode == 4
    assert "rules.yaml:2:1:" in done.stderr
    assert "rules.yaml:4:9:" in done.stderr


def test_rules_that_poll_nothing_are_not_enough_to_run(rules: Path) -> None:
    assert newsbell("run", "--dry-run", folder=rules.parent).returncode == 4


def test_a_database_that_is_none_ends_with_7(tmp_path: Path) -> None:
    (tmp_path / "newsbell.db").write_text("no database at all, but long enough to be looked at " * 50)
    (tmp_path / "rules.yaml").write_text(
        RULES + "feeds:\n  - url: https://example.org/rss\nchannels:\n  - chat: '@wire'\n    rules: all\n"
    )
    done = newsbell("run", folder=tmp_path, TELEGRAM_BOT_TOKEN="1:x")
    assert (done.returncode, done.stderr.count("\n")) == (7, 1)


def test_check_tells_that_a_file_is_good(rules: Path) -> None:
    done = newsbell("check", str(rules))
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 rules" in done.stdout


def test_check_prints_every_problem_on_standard_output(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        "version: 1\nrules:\n  - id: a\n    anny: [x]\nchannels:\n  - chat: '@wire'\n    rules: [b]\n"
    )
    done = newsbell("check", str(wrong))
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{wrong}:4:5: " in done.stdout
    assert f"{wrong}:7:13: " in done.stdout


def test_check_goes_on_to_the_next_file(rules: Path, tmp_path: Path) -> None:
    done = newsbell("check", str(tmp_path / "absent.yaml"), str(rules))
    assert done.returncode == 1
    assert "absent.yaml:1:1: " in done.stdout
    assert "2 rules" in done.stdout


def test_check_runs_the_tests_inside_a_file(rules: Path) -> None:
    rules.write_text(RULES + "tests:\n  - text: nothing of the kind\n    expect: [brics]\n")
    done = newsbell("check", str(rules))
    assert done.returncode == 1
    assert ":10:5: " in done.stdout


def test_match_answers_each_article_with_rules_and_places(rules: Path) -> None:
    done = newsbell("match", "--rules", str(rules), stdin=lines({"id": 7, "title": "Rare-earths for BRICS"}))
    assert done.returncode == 0
    assert answers(done.stdout) == [
        {
            "id": 7,
            "matches": [
                {
                    "rule": "rare-earth",
                    "evidence": [{"field": "title", "start": 0, "end": 11, "text": "Rare-earths"}],
                },
                {"rule": "brics", "evidence": [{"field": "title", "start": 16, "end": 21, "text": "BRICS"}]},
            ],
        }
    ]


def test_match_answers_without_a_match_too(rules: Path) -> None:
    done = newsbell("match", "--rules", str(rules), stdin=lines({"id": "x", "title": "Weather"}))
    assert answers(done.stdout) == [{"id": "x", "matches": []}]


@pytest.mark.parametrize("id_", ["a", 1, 1.5, True, ["list"], {"k": "v"}, "\ud800", 10**30])
def test_an_id_is_echoed_as_it_came(rules: Path, id_: object) -> None:
    done = newsbell("match", "--rules", str(rules), stdin=json.dumps({"id": id_}))
    assert [answer["id"] for answer in answers(done.stdout)] == [id_]


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (b"{not json}", "not JSON"),
        (b'{"title": "no id"}', "no id"),
        (b'{"id": null}', "no id"),
        (b"[1, 2]", "not an object"),
        (b'{"id": 1, "title": 5}', "title is not a text"),
        (b'{"id": NaN}', "not JSON"),
        (b'{"id": 1e400}', "too large"),
        (b'{"id": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"id": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(rules: Path, bad: bytes, what: str) -> None:
    stdin = b'{"id": 1}\n\n' + bad + b'\n{"id": 2}\n'
    done = newsbell("match", "--rules", str(rules), stdin=stdin)
    assert done.returncode == 1
    assert [answer["id"] for answer in answers(done.stdout)] == [1, 2]
    assert done.stderr.startswith("line 3: ")
    assert what in done.stderr
    assert done.stderr.count("\n") == 1


def test_stories_answers_with_story_and_reason() -> None:
    done = newsbell(
        "stories",
        stdin=lines(
            {"id": 1, "title": "One", "summary": "A text.", "url": "https://a.example/1"},
            {"id": 2, "title": "Two", "summary": "B text.", "url": "https://a.example/1?utm_source=x#top"},
            {"id": 3, "title": "one", "summary": "a  TEXT."},
            {"id": 1, "title": "Edited", "summary": "Other."},
            {"id": 4, "title": "One"},
            {"id": 5, "title": "One"},
        ),
    )
    told = answers(done.stdout)
    assert [answer["reason"] for answer in told] == ["new", "same_url", "same_text", "same_id", "new", "new"]
    assert len({str(answer["story"]) for answer in told}) == 3


def test_stories_explains_itself_when_asked() -> None:
    article = lines({"id": 1, "title": "One", "summary": "A text."})
    (plain,) = answers(newsbell("stories", stdin=article).stdout)
    (explained,) = answers(newsbell("stories", "--explain", stdin=article).stdout)
    assert (set(plain), isinstance(explained["parts"], list)) == ({"id", "story", "reason"}, True)


@pytest.mark.parametrize(
    "published", ["2026-03-01T12:00:00Z", "2026-03-01", "yesterday", "0001-01-01", "", None]
)
def test_stories_reads_any_date_and_does_without(published: str | None) -> None:
    done = newsbell("stories", stdin=lines({"id": 1, "title": "One", "published": published}))
    assert (done.returncode, len(answers(done.stdout))) == (0, 1)


def test_a_filter_answers_before_the_next_line_comes(rules: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "match", "--rules", str(rules)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment({}),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"id": 1}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        process.stdin.close()
        assert process.stdout.read() == b""
    assert process.returncode == 0


def test_a_reader_that_has_enough_is_no_failure(rules: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "match", "--rules", str(rules)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment({}),
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, err = process.communicate(b'{"id": 1}\n' * 100)
    assert (process.returncode, err) == (0, b"")


def test_output_that_cannot_be_written_is_told_in_a_sentence(rules: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(  # noqa: S603 - our own command
            [*COMMAND, "check", str(rules)],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment({}),
            check=False,
        )
    assert (done.returncode, done.stderr.count(b"\n"), b"Traceback" in done.stderr) == (1, 1, False)


@pytest.mark.parametrize("database", [".", "/", "absent/newsbell.db", "/dev/null"])
def test_a_database_that_cannot_be_one_ends_with_7(rules: Path, database: str) -> None:
    rules.write_text(
        RULES + "feeds:\n  - url: https://example.org/rss\nchannels:\n  - chat: '@wire'\n    rules: all\n"
    )
    for command in (["run"], ["run", "--dry-run"], ["health"]):
        done = newsbell(*command, folder=rules.parent, NEWSBELL_DATABASE=database, TELEGRAM_BOT_TOKEN="1:x")
        assert (done.returncode, done.stderr.count("\n")) == (7, 1), command


def test_match_with_invalid_rules_ends_with_4(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("version: 2\n")
    assert newsbell("match", "--rules", str(tmp_path / "bad.yaml")).returncode == 4
