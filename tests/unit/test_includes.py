"""Rules files that include others; the files are given as texts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.errors import RulesError
from bot.rules.definitions import RuleBook
from bot.rules.includes import DEEPEST, LARGEST, MOST_FILES
from bot.rules.loader import load_rules, parse_rules


class Files:
    """Files by path, and which of them were read."""

    def __init__(self, bodies: dict[str, str]) -> None:
        self._bodies = bodies
        self.read_paths: list[str] = []

    def read(self, path: Path) -> bytes:
        self.read_paths.append(str(path))
        if str(path) not in self._bodies:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return f"version: 1\n{self._bodies[str(path)]}".encode()

    def load(self, file: str = "rules.yaml") -> RuleBook:
        return parse_rules(f"version: 1\n{self._bodies[file]}".encode(), file=file, read=self.read)


def loaded(**bodies: str) -> RuleBook:
    return Files({f"{name}.yaml": body for name, body in bodies.items()}).load()


def told(files: Files) -> list[str]:
    with pytest.raises(RulesError) as caught:
        files.load()
    return [str(problem) for problem in caught.value.problems]


def told_of(**bodies: str) -> list[str]:
    return told(Files({f"{name}.yaml": body for name, body in bodies.items()}))


def chain(length: int) -> dict[str, str]:
    steps = {f"f{number}.yaml": f"include: [f{number + 1}.yaml]" for number in range(length)}
    return {"rules.yaml": "include: [f0.yaml]", **steps, f"f{length}.yaml": "rules: []"}


def test_parts_of_included_files_join() -> None:
    book = loaded(
        rules="include: [a.yaml, b.yaml]\nrules: [{id: one, any: [$l, $e]}]",
        a="lists: {l: [x]}\nrules: [{id: two, any: [y]}]",
        b="entities: {e: {aliases: [$l]}}\nrules: [{id: three, any: [$e]}]",
    )

    assert [rule.id for rule in book.rules] == ["one", "two", "three"]


def test_a_path_begins_in_the_folder_of_the_file_that_names_it() -> None:
    files = Files(
        {
            "etc/rules.yaml": "include: [parts/a.yaml]",
            "etc/parts/a.yaml": "include: [../../shared/b.yaml, /opt/c.yaml]",
            "shared/b.yaml": "rules: [{id: b, any: [x]}]",
            "/opt/c.yaml": "rules: [{id: c, any: [x]}]",
        }
    )

    assert [rule.id for rule in files.load("etc/rules.yaml").rules] == ["b", "c"]


def test_a_file_that_two_others_include_is_read_once() -> None:
    files = Files(
        {
            "rules.yaml": "include: [a.yaml, b.yaml]",
            "a.yaml": "include: [c.yaml]",
            "b.yaml": "include: [./c.yaml]",
            "c.yaml": "rules: [{id: c, any: [x]}]",
        }
    )

    assert len(files.load().rules) == 1
    assert files.read_paths == ["a.yaml", "c.yaml", "b.yaml"]


def test_a_problem_names_the_included_file() -> None:
    assert told_of(rules="include: [a.yaml]", a="rules:\n  - id: a\n    any: []") == [
        "a.yaml:4:10: the list is empty; fill it, or remove its key"
    ]


def test_problems_of_all_files_are_told_at_once_the_first_files_first() -> None:
    problems = told_of(
        rules="include: [a.yaml]\nrules: [{id: z}]", a="rules: [{id: a}]\ninclude: [b.yaml]", b="feed: []"
    )

    assert [problem.split(": ")[0] for problem in problems] == [
        "rules.yaml:3:9",
        "a.yaml:2:9",
        "b.yaml:2:1",
    ]


def test_an_included_file_must_name_its_version() -> None:
    with pytest.raises(RulesError, match=r"a\.yaml:1:1: the key `version` is missing; add `version: 1`"):
        parse_rules(b"version: 1\ninclude: [a.yaml]", file="rules.yaml", read=lambda _: b"rules: []")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("rules: [{id: a, any: [x]}]", "2:14: the rule `a` is given twice, first in rules.yaml:3"),
        (
            "entities: {e: {aliases: [x]}}",
            "2:12: the entity `e` is given twice, first in rules.yaml:4",
        ),
        ("lists: {l: [x]}", "2:9: the list `l` is given twice, first in rules.yaml:5"),
        (
            'feeds: [{url: "HTTPS://example.org"}]',
            "2:15: the feed `HTTPS://example.org` is given twice, first in rules.yaml:6",
        ),
        (
            'channels: [{chat: "@Channel", rules: all, cap: 9}]',
            "2:43: the chat `@Channel` is given in rules.yaml:7 with another `cap`",
        ),
        ("entities: {l: {aliases: [x]}}", "an entity is called `l` as well, in a.yaml:2"),
    ],
)
def test_what_two_files_define_is_told_with_both_places(body: str, what: str) -> None:
    rules = (
        "include: [a.yaml]\n"
        "rules: [{id: a, any: [x]}]\n"
        "entities: {e: {aliases: [x]}}\n"
        "lists: {l: [x]}\n"
        "feeds: [{url: https://example.org/}]\n"
        'channels: [{chat: "@channel", rules: all}]'
    )

    (problem,) = told_of(rules=rules, a=body)
    assert what in problem


def test_a_name_of_another_file_is_offered_for_a_misspelled_one() -> None:
    assert told_of(
        rules="include: [a.yaml]\nrules: [{id: r, any: [$mineral]}]", a="lists: {minerals: [x]}"
    ) == ["rules.yaml:3:23: there is no entity and no list `mineral`; did you mean `minerals`?"]


def test_files_that_include_each_other_are_told_with_the_way() -> None:
    assert told_of(rules="include: [a.yaml]", a="include: [b.yaml]", b="include: [./a.yaml]") == [
        "b.yaml:2:11: the file includes itself (a.yaml → b.yaml → a.yaml); remove one of the steps"
    ]


def test_a_file_that_includes_itself_is_told() -> None:
    assert told_of(rules="include: [rules.yaml]") == [
        "rules.yaml:2:11: the file includes itself (rules.yaml → rules.yaml); remove one of the steps"
    ]


def test_a_circle_through_lists_of_several_files_is_told() -> None:
    (problem,) = told_of(rules="include: [a.yaml]\nlists: {l: [$m]}", a="lists: {m: [$l]}")

    assert problem == "a.yaml:2:13: the list `l` contains itself (l → m → l); remove one of the steps"


def test_a_file_included_twice_in_one_place_is_told() -> None:
    assert told_of(rules="include: [a.yaml, ./a.yaml]", a="rules: []") == [
        "rules.yaml:2:19: the file `./a.yaml` is included twice, first in line 2; remove one of them"
    ]


def test_an_absent_file_is_told_where_it_is_named() -> None:
    assert told_of(rules="include: [a.yaml, b.yaml]", b="rules: [{id: z}]") == [
        "rules.yaml:2:11: the included file `a.yaml` does not exist; create it, or name another one",
        "b.yaml:2:9: the rule has nothing to ring on; give it terms under `any` or `all`",
    ]


@pytest.mark.parametrize(("key", "value"), [("defaults", "{first_poll: 1}"), ("operators", "{chat: 5}")])
def test_what_belongs_to_the_first_file_is_told_where_to_go(key: str, value: str) -> None:
    assert told_of(rules="include: [a.yaml]", a=f"{key}: {value}") == [
        f"a.yaml:2:1: `{key}` stands in an included file; move it to `rules.yaml`"
    ]


def test_a_file_read_from_nowhere_cannot_include_others() -> None:
    with pytest.raises(
        RulesError, match=r"rules\.yaml:1:25: files cannot be included here; write what they hold"
    ):
        parse_rules(b"{version: 1, include: [ a.yaml, b.yaml]}", file="rules.yaml")


def test_files_may_include_each_other_up_to_a_depth() -> None:
    assert len(Files(chain(DEEPEST - 1)).load().files) == DEEPEST + 1


def test_files_that_include_each_other_too_deeply_are_told() -> None:
    (problem,) = told(Files(chain(DEEPEST)))

    assert problem.startswith(
        f"f{DEEPEST - 1}.yaml:2:11: more than {DEEPEST} files include each other in a row"
    )


def test_too_many_files_are_told_once() -> None:
    names = [f"f{number}.yaml" for number in range(MOST_FILES + 20)]
    files = Files({"rules.yaml": f"include: [{', '.join(names)}]", **dict.fromkeys(names, "rules: []")})

    (problem,) = told(files)
    assert f"more than {MOST_FILES} files are included" in problem
    assert len(files.read_paths) == MOST_FILES - 1


def test_files_that_are_too_large_together_are_told_once() -> None:
    names = [f"f{number}.yaml" for number in range(30)]
    body = "#" + "x" * (LARGEST - 20)
    files = Files({"rules.yaml": f"include: [{', '.join(names)}]", **dict.fromkeys(names, body)})

    (problem,) = told(files)
    assert "the included files are larger than 16 MiB together" in problem


def test_files_on_disk_are_included(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.yaml").write_text("version: 1\nrules: [{id: a, any: [x]}]\n", encoding="utf-8")
    main = tmp_path / "rules.yaml"
    main.write_text("version: 1\ninclude: [parts/a.yaml]\n", encoding="utf-8")

    assert [rule.id for rule in load_rules(main).rules] == ["a"]


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("parts", "is a folder; name a file in it"),
        ("loop.yaml", "cannot be read (Too many levels of symbolic links); check its path and its disk"),
        ("none.yaml", "does not exist; create it, or name another one"),
        (".", "is a folder; name a file in it"),
    ],
)
def test_what_is_no_file_on_disk_is_told(tmp_path: Path, written: str, what: str) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    main = tmp_path / "rules.yaml"
    main.write_text(f"version: 1\ninclude: [{written}]\n", encoding="utf-8")

    with pytest.raises(RulesError) as caught:
        load_rules(main)

    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (2, 11)
    assert f"{problem.what}; {problem.remedy}".endswith(what)


def test_a_file_without_end_is_included_no_further_than_the_limit(tmp_path: Path) -> None:
    main = tmp_path / "rules.yaml"
    main.write_text("version: 1\ninclude: [/dev/zero]\n", encoding="utf-8")

    with pytest.raises(RulesError, match="/dev/zero:1:1: the file is larger than 1 MiB"):
        load_rules(main)


LIST_BOMBS = {
    "doubling": "  l0: [x]\n" + "".join(f"  l{n}: [$l{n - 1}, $l{n - 1}]\n" for n in range(1, 60)),
    "doubling in groups": "  l0: [x]\n"
    + "".join(f"  l{n}: [$l{n - 1}, {{any: [$l{n - 1}]}}]\n" for n in range(1, 60)),
    "growing": "  l0: [x]\n" + "".join(f"  l{n}: [$l{n - 1}, x{n}]\n" for n in range(1, 5000)),
    "deepening": "  l0: [x]\n" + "".join(f"  l{n}: [{{any: [$l{n - 1}]}}]\n" for n in range(1, 5000)),
    "deepening for the title": "  l0: [x]\n"
    + "".join(f"  l{n}: [{{any: [title:$l{n - 1}]}}]\n" for n in range(1, 5000)),
    "a long chain": "  l0: [$l0]\n" + "".join(f"  l{n}: [$l{n - 1}]\n" for n in range(1, 5000)),
}


@pytest.mark.parametrize("lists", LIST_BOMBS.values(), ids=LIST_BOMBS.keys())
def test_lists_that_grow_without_bound_are_refused_in_time(lists: str) -> None:
    begun = time.process_time()

    problems = told_of(rules=f"lists:\n{lists}")

    assert time.process_time() - begun < 1
    assert 1 <= len(problems) <= 2
    assert any(what in problems[0] for what in ("1,000,000 terms", "16 deep", "contains itself"))
