"""Each file in tests/rules/wrong is named for its mistake and says in its first lines what must be told."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Problem, RulesError
from bot.rules import yaml_nodes
from bot.rules.definitions import RuleBook
from bot.rules.findings import MOST_TOLD
from bot.rules.includes import LARGEST
from bot.rules.loader import load_rules, parse_rules

FILES = Path(__file__).parents[1] / "rules"
WRONG = sorted((FILES / "wrong").glob("*.yaml"))
RIGHT = sorted((FILES / "right").glob("*.yaml"))
SHIPPED = (Path(__file__).parents[2] / "rules.yaml").read_text(encoding="utf-8")
EXPECT = "# expect: "

BOMBS = {
    "tags": b"a: !!python/object/apply:os.system [ls]\n" * 20_000,
    "aliases": b"a: &a [x]\n" + b"b: [*a, *a, *a, *a, *a, *a, *a, *a]\n" * 20_000,
    "depth": b"[" * 3000,
    "depth of mappings": b"".join(b" " * level + b"a:\n" for level in range(1000)),
    "size": b"# padding\n" * 1_000_000,
    "one long line": b"a" * LARGEST,
    "one long key": b"a" * (LARGEST - 1) + b":",
    "broken encoding": b"version: 1\n" * 50_000 + b"\xff",
    "a zero byte at the end": b"version: 1\n" * 50_000 + b"\0",
}


def problems_in(data: bytes, *, require_running: bool = False) -> tuple[Problem, ...]:
    try:
        parse_rules(data, file="rules.yaml", require_running=require_running)
    except RulesError as error:
        return error.problems
    return ()


def told(data: bytes, *, require_running: bool = False) -> list[str]:
    found = problems_in(data, require_running=require_running)
    return [str(problem).removeprefix("rules.yaml:") for problem in found]


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_with_every_position_and_remedy(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(EXPECT) for line in lines if line.startswith(EXPECT)]

    assert told(path.read_bytes()) == expected


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_in_the_same_line_without_libyaml(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_libyaml = [problem.line for problem in problems_in(path.read_bytes())]

    monkeypatch.setattr(yaml_nodes, "PARSER", yaml.SafeLoader)

    assert [problem.line for problem in problems_in(path.read_bytes())] == by_libyaml


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_file_is_accepted(path: Path) -> None:
    assert isinstance(load_rules(path), RuleBook)


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_file_means_the_same_without_libyaml(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_libyaml = load_rules(path)

    monkeypatch.setattr(yaml_nodes, "PARSER", yaml.SafeLoader)

    assert load_rules(path) == by_libyaml


def test_what_a_file_leaves_out_is_as_the_defaults_have_it() -> None:
    assert parse_rules(b"version: 1", file="rules.yaml") == RuleBook(files=(Path("rules.yaml"),))


def test_terms_are_the_text_as_it_is_written() -> None:
    book = load_rules(FILES / "right" / "words-that-yaml-1.1-misreads.yaml")

    words = [
        "no",
        "on",
        "off",
        "yes",
        "1:30",
        "0777",
        "0x1F",
        "1e3",
        "2024",
        "1_000",
        "true",
        ".inf",
        "2024-05-01",
    ]
    assert [str(item.of) for item in book.rules[0].when.any] == words


def test_the_norwegian_language_is_no_boolean() -> None:
    book = load_rules(FILES / "right" / "words-that-yaml-1.1-misreads.yaml")

    assert (book.feeds[0].language, book.entities[0].country) == ("no", "NO")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("45s", timedelta(seconds=45)),
        ("5m", timedelta(minutes=5)),
        ("24h", timedelta(hours=24)),
        ("90d", timedelta(days=90)),
        ("2w", timedelta(weeks=2)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ('"1d12h"', timedelta(days=1, hours=12)),
        ("3600s", timedelta(hours=1)),
    ],
)
def test_a_duration_is_read(written: str, meant: timedelta) -> None:
    book = parse_rules(f"version: 1\ndefaults: {{max_age: {written}}}".encode(), file="rules.yaml")

    assert book.defaults.max_age == meant


@pytest.mark.parametrize(
    "written", ["30m1h", "1h1h", "-5m", "1.5h", "5 m", "5M", "h", "١h", "", "1h30", "PT5M"]
)
def test_a_duration_that_cannot_be_is_refused(written: str) -> None:
    assert len(told(f'version: 1\ndefaults: {{max_age: "{written}"}}'.encode())) == 1


@pytest.mark.parametrize(
    "written",
    [
        "edits: 0",
        "edits: 20",
        "edit_after: 1s",
        "edit_after: 1d",
        "development_after: 1s",
        "story_ends_after: 60m",
        "story_ends_after: 2w",
    ],
)
def test_a_limit_is_itself_allowed(written: str) -> None:
    assert told(f"version: 1\ndefaults: {{{written}}}".encode()) == []


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# only a comment\n", b"---\n", b"--- ~\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told_how_to_begin(data: bytes) -> None:
    assert told(data) == ["1:1: the file is empty; begin with `version: 1`"]


def test_a_byte_order_mark_shifts_no_column() -> None:
    assert told(b"\xef\xbb\xbfversion: 2")[0].startswith("1:10: ")


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_of_every_system_are_counted(newline: str) -> None:
    data = f"version: 1{newline}defaults:{newline}  keep: 0d{newline}"

    assert told(data.encode())[0].startswith("3:9: ")


def test_a_column_counts_code_points() -> None:
    assert told('version: 1\nentities: {a: {aliases: ["İ𝄞e\u0301", $x]}}'.encode())[0].startswith("2:34: ")


def test_a_byte_that_is_not_utf_8_is_told_with_its_place() -> None:
    data = "version: 1\n# Çin'e ".encode() + b"\xfe"

    assert told(data) == ["2:9: the byte 0xfe is not UTF-8; save the file in the encoding UTF-8"]


def test_a_file_in_utf_16_is_told_to_be_saved_anew() -> None:
    assert told("version: 1".encode("utf-16"))[0].endswith("save the file in the encoding UTF-8")


def test_an_escaped_surrogate_is_refused() -> None:
    assert told(b'version: 1\nrules: [{id: a, any: ["\\ud800"]}]')[0].startswith("2:")


def test_an_escaped_surrogate_is_refused_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_nodes, "PARSER", yaml.SafeLoader)

    assert told(b'version: 1\nrules: [{id: a, any: ["\\ud800"]}]')[0].startswith("2:23: ")


@pytest.mark.parametrize("key", ["<group>", '"\\0group"', "group", '"\\0list"'])
def test_a_key_of_any_form_is_told_as_unknown(key: str) -> None:
    data = f"version: 1\nentities: {{{key}: {{country: TR, requires: {{any: [x], {key}: 1}}}}}}"

    assert all(problem.startswith("2:") for problem in told(data.encode()))
    assert told(data.encode())


def test_a_file_over_the_limit_is_told_the_line_where_it_ends() -> None:
    data = b"# 15 characters\n" * (LARGEST // 16) + b"#"

    assert told(data)[0].startswith(f"{LARGEST // 16 + 1}:1: the file is larger than 1 MiB")


def test_a_file_just_within_the_limit_is_read() -> None:
    assert told(b"version: 1\n#" + b"x" * (LARGEST - 12)) == []


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS.keys())
def test_a_hostile_file_is_refused_within_a_tenth_of_a_second(data: bytes) -> None:
    def seconds() -> float:
        begun = time.process_time()
        assert problems_in(data)
        return time.process_time() - begun

    assert min(seconds() for _ in range(3)) < 0.1


@pytest.mark.parametrize(
    "item",
    [
        "{}",
        "{any: [x]}",
        "{any: [x], q: 1}",
        "{any: [x], at_least: 3}",
        "{term: x, weight: -2}",
        "$n",
        "'re:('",
    ],
)
def test_many_items_right_or_wrong_are_read_in_time(item: str) -> None:
    begun = time.process_time()

    problems = told(f"version: 1\nrules: [{{id: a, any: [{f'{item}, ' * 10_000}]}}]".encode())

    assert time.process_time() - begun < 2
    assert len(problems) in {0, MOST_TOLD + 1}


def test_of_very_many_problems_the_first_are_told_and_how_many_follow() -> None:
    lines = "".join(f"  - {{id: r{number}}}\n" for number in range(MOST_TOLD + 5))

    problems = told(f"version: 1\nrules:\n{lines}".encode())

    assert problems[0].startswith("3:5: the rule has nothing to ring on")
    assert problems[-1] == f"{MOST_TOLD + 3}:5: 5 more problems begin here; mend those above first"


@pytest.mark.parametrize(
    "url", ["https://u:secret@example.org/", "u:secret@example.org", "ftp://u:secret@example.org"]
)
def test_a_password_in_an_address_is_never_repeated(url: str) -> None:
    data = f"version: 1\nfeeds:\n  - url: {url}\n  - url: {url}\n"

    assert "secret" not in "".join(told(data.encode()))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://EXAMPLE.org/a", "HTTP://example.org:80/a#top"),
    ],
)
def test_a_feed_listed_twice_is_told(first: str, second: str) -> None:
    assert "is given twice" in told(f"version: 1\nfeeds: [{{url: {first}}}, {{url: {second}}}]".encode())[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a", "https://example.org:8443/a"),
        ("https://example.org/?a=1", "https://example.org/?a=2"),
        ("https://example.org/a", "https://example.org/a/"),
    ],
)
def test_feeds_with_different_addresses_stand_side_by_side(first: str, second: str) -> None:
    assert told(f"version: 1\nfeeds: [{{url: {first}}}, {{url: {second}}}]".encode()) == []


@pytest.mark.parametrize("written", ["expires: 1m", "expires: 30d", "cap: 1", "cap: 1000000"])
def test_a_limit_of_a_channel_is_itself_allowed(written: str) -> None:
    data = f"version: 1\nrules: [{{id: a, any: [x]}}]\nchannels: [{{chat: 5, rules: all, {written}}}]"

    assert told(data.encode()) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("rules: [a]", "rules: [b]"),
        ("rules: all", "rules: all"),
        ("rules: [a], expires: 24h, previews: true", "rules: [b], cap: 100"),
        ("rules: [a], thread: 3, expires: 36h", "rules: [b], thread: 3, expires: 1d12h"),
        ("rules: [a], thread: 3, silent: true", "rules: [b], thread: 4"),
        ("rules: [a], thread: 3, silent: true", "rules: [b]"),
    ],
)
def test_a_chat_may_be_listed_again_for_other_rules_with_the_same_settings(first: str, second: str) -> None:
    chats = f"channels: [{{chat: '@wire', {first}}}, {{chat: '@Wire', {second}}}]"

    assert told(f"version: 1\nrules: [{{id: a, any: [x]}}, {{id: b, any: [y]}}]\n{chats}".encode()) == []


@pytest.mark.parametrize(
    "setting",
    [
        "silent: true",
        "previews: false",
        "template: [title]",
        "template: [summary, title, why, sources, time]",
        "cap: 99",
        "expires: 23h",
        "on_uncertain: drop",
        "on_topic_closed: hold",
    ],
)
def test_no_setting_of_a_chat_that_is_listed_twice_may_differ(setting: str) -> None:
    chats = "\n".join(f"  - {{chat: -100123, thread: 3, rules: all{more}}}" for more in ("", f", {setting}"))
    (problem,) = told(f"version: 1\nrules: [{{id: a, any: [x]}}]\nchannels:\n{chats}".encode())

    key = setting.partition(":")[0]
    assert problem.startswith(f"5:44: the chat `-100123` is given in line 4 with another `{key}`; ")


def test_a_part_that_is_unknown_and_given_twice_is_told_once_at_each_place() -> None:
    channel = "{chat: 5, rules: all, template: [title, nothing, nothing]}"

    problems = told(f"version: 1\nrules: [{{id: a, any: [x]}}]\nchannels: [{channel}]".encode())

    assert [problem.partition(" cannot")[0] for problem in problems] == ["3:52: `nothing`", "3:61: `nothing`"]


@pytest.mark.parametrize(
    "operators",
    [
        "chat: 5, audit: 5",
        "chat: '@wire', audit: -100123",
        "chat: '@wire'",
        "chat: 5, audit: '@wires'",
    ],
)
def test_operators_may_use_any_chats_as_long_as_no_channel_is_the_audit_chat(operators: str) -> None:
    data = f"version: 1\nrules: [{{id: a, any: [x]}}]\nchannels: [{{chat: '@wire', rules: all}}]\noperators: {{{operators}}}"

    assert told(data.encode()) == []


def test_one_chat_may_have_several_topics() -> None:
    data = b"version: 1\nrules: [{id: a, any: [x]}]\nchannels:\n" + b"".join(
        b"  - {chat: -100123, rules: all%s}\n" % thread for thread in (b"", b", thread: 1", b", thread: 2")
    )

    assert told(data) == []


@pytest.mark.parametrize(
    "chat", ['"@abcd"', '"@Rare_Earth_1"', "-1001234567890", '"-1001234567890"', "42", "'42'"]
)
def test_a_chat_is_a_name_or_an_id_quoted_or_not(chat: str) -> None:
    data = f"version: 1\nrules: [{{id: a, any: [x]}}]\nchannels: [{{chat: {chat}, rules: all}}]"

    assert parse_rules(data.encode(), file="rules.yaml").channels[0].chat == chat.strip("\"'")


@pytest.mark.parametrize(
    "chat", ["007", "+5", "0x10", "1.5", "1e3", '"@1abc"', '"@abç_d"', '"@"', "true", '" 42"']
)
def test_a_chat_that_cannot_be_is_refused(chat: str) -> None:
    data = f"version: 1\nrules: [{{id: a, any: [x]}}]\nchannels: [{{chat: {chat}, rules: all}}]"

    assert len(told(data.encode())) == 1


def test_a_long_chain_of_entities_is_followed() -> None:
    chain = "".join(f"  e{number}: {{aliases: [$e{number + 1}]}}\n" for number in range(3000))

    assert told(f"version: 1\nentities:\n{chain}  e3000: {{aliases: [x]}}\n".encode()) == []


def test_the_end_of_a_long_circle_is_found() -> None:
    chain = "".join(f"  e{number}: {{aliases: [$e{number + 1}]}}\n" for number in range(3000))

    assert told(f"version: 1\nentities:\n{chain}  e3000: {{aliases: [$e0]}}\n".encode()) == [
        "3003:21: the entity `e0` contains itself (e0 → e1 → … → e3000 → e0); remove one of the steps"
    ]


def test_an_entity_reached_by_two_ways_is_no_circle() -> None:
    data = b"version: 1\nentities: {a: {aliases: [$b, $c]}, b: {aliases: [$d]}, c: {aliases: [$d]}, d: {aliases: [x]}}"

    assert told(data) == []


def test_a_word_without_a_near_key_is_told_all_keys() -> None:
    assert told(b"version: 1\ndefaults: {zzz: 1}")[0].endswith(
        "allowed here are `max_age`, `first_poll`, `timezone`, `keep`, `edits`, `edit_after`, "
        "`development_after`, `story_ends_after`, `fold_events`"
    )


def test_a_text_repeated_in_a_problem_stays_short_and_on_one_line() -> None:
    sentence = told(b'version: 1\nrules: [{id: "' + b"a\\n" * 5000 + b'", any: [x]}]')[0]

    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 250


@pytest.mark.parametrize("term", ["$" + "a b" * 5000, "re:(" + "a" * 5000, "re:(\\n" * 5000])
def test_a_term_of_any_length_leaves_a_problem_short(term: str) -> None:
    sentence = told(f'version: 1\nrules: [{{id: a, any: ["{term}"]}}]'.encode())[0]

    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 400


def test_a_running_bot_needs_feeds_rules_and_channels() -> None:
    problems = told(b"version: 1\nrules: []\n", require_running=True)

    assert [problem.split(",")[0] for problem in problems] == [
        "1:1: there is nothing under `channels`",
        "1:1: there is nothing under `feeds`",
        "2:1: there is nothing under `rules`",
    ]


def test_a_file_with_feeds_rules_and_channels_is_ready_to_run() -> None:
    assert load_rules(FILES / "right" / "every-key.yaml", require_running=True).channels


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"rules\.yaml:1:1: the rules file does not exist; create it"):
        load_rules(tmp_path / "rules.yaml")


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="1:1: the rules file is a folder; name a file in it"):
        load_rules(tmp_path)


def test_an_impossible_path_is_told() -> None:
    with pytest.raises(RulesError, match="1:1: the path of the rules file is malformed"):
        load_rules(Path("rules\0.yaml"))


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "loop.yaml"
    path.symlink_to(path)

    with pytest.raises(RulesError, match="1:1: the rules file cannot be read"):
        load_rules(path)


def test_a_file_without_end_is_read_no_further_than_the_limit() -> None:
    with pytest.raises(RulesError, match="larger than 1 MiB"):
        load_rules(Path("/dev/zero"))


def assert_loads_or_tells(data: bytes) -> None:
    problems = problems_in(data)
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    last = max(lines.count("\n"), len(lines.splitlines())) + 1
    assert all(1 <= problem.line <= last and problem.column >= 1 for problem in problems)
    assert all("\n" not in str(problem) for problem in problems)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_load_or_are_told(data: bytes) -> None:
    assert_loads_or_tells(data)


@settings(deadline=None)
@given(
    st.text(alphabet=st.sampled_from(list("ab:-[]{}#&*!|>'\"%@`,?~$=\\\n\t 01é稀\u0301\u2028")), max_size=80)
)
def test_any_text_of_marks_loads_or_is_told(text: str) -> None:
    assert_loads_or_tells(f"version: 1\nrules:\n{text}".encode())


@settings(deadline=None)
@given(st.integers(0, len(SHIPPED)), st.integers(0, 6), st.text(max_size=6))
def test_the_shipped_file_with_any_small_edit_loads_or_is_told(at: int, cut: int, put: str) -> None:
    edited = SHIPPED[:at] + put + SHIPPED[at + cut :]

    assert_loads_or_tells(edited.encode("utf-8", "replace"))
