"""The structure of the tests in a rules file: articles, and what must come of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from pydantic import ConfigDict, Field

from bot.rules import patterns
from bot.rules.findings import Mistake, quoted
from bot.rules.section import Section
from bot.rules.values import Delay, Language, Name, Names, Passage, Text, Texts, Url


class SampleSection(Section):
    """What an article and a test of one article have in common."""

    text: Passage | None = None
    """What the article says, in place of title, summary and content."""
    title: Passage | None = None
    """The article's title."""
    summary: Passage | None = None
    """What the feed gives as its summary."""
    content: Passage | None = None
    """The article's text."""
    language: Language | None = None
    """The language that the article declares; without it detected."""
    url: Url | None = None
    """The article's address."""
    feed: Text | None = None
    """The feed, by name or address."""
    tags: Texts = Field(default_factory=list)
    """The tags of its feed."""

    def fields_given(self) -> list[str]:
        """Those of title, summary and content that are there."""
        return [key for key in ("title", "summary", "content") if getattr(self, key) is not None]

    def mistakes(self) -> Iterator[Mistake]:
        """An article that says nothing, or the same twice."""
        fields = self.fields_given()
        if self.text is None and not fields:
            yield Mistake("the article says nothing", "give it a `text`, or a `title`")
        elif self.text is not None and fields:
            yield Mistake(f"`text` and `{fields[0]}` stand side by side", "keep one of them", key=fields[0])


class ArticleSection(SampleSection):
    """One article of a sequence."""

    model_config = ConfigDict(json_schema_extra=patterns.ONE_TEXT)

    after: Delay | None = None
    """The time from the first article; without it that of the article before."""


class TestSection(SampleSection):
    """An article and the rules that must ring on it, or a sequence of articles and the alerts that they make."""

    __test__ = False  # no test of pytest's

    model_config = ConfigDict(json_schema_extra=patterns.TEST)

    articles: Annotated[list[ArticleSection], Field(min_length=1)] = Field(default_factory=list)
    """A sequence of articles, in place of one."""
    expect: list[Name] | None = None
    """The ids of exactly those rules that ring; [] means that nothing does."""
    expect_not: Names = Field(default_factory=list)
    """The ids of rules that must not ring."""
    alerts: list[Names] | None = None
    """For each alert that the sequence makes, the ids of its rules; [] means that there is none."""

    def mistakes(self) -> Iterator[Mistake]:
        """What belongs to the other kind of test, and what is missing."""
        if self.articles:
            yield from self._mistakes_of_sequence()
        else:
            yield from self._mistakes_of_one()

    def _mistakes_of_one(self) -> Iterator[Mistake]:
        if self.text is None and not self.fields_given():
            yield Mistake("the test says nothing", "give it a `text`, a `title` or a list of `articles`")
        else:
            yield from super().mistakes()
        if self.alerts is not None:
            yield Mistake(
                "`alerts` stands without `articles`", "write `expect`, or list `articles`", key="alerts"
            )
        elif self.expect is None and not self.expect_not:
            yield Mistake("the key `expect` is missing", "add `expect: [rare-earth]`")
        for rule in set(self.expect or ()) & set(self.expect_not):
            what = f"the rule {quoted(rule)} stands under `expect` as well"
            yield Mistake(what, "keep it in one of the two", key="expect_not")

    def _mistakes_of_sequence(self) -> Iterator[Mistake]:
        for key in sorted(self.model_fields_set - {"articles", "alerts"}):
            remedy = "write `alerts`" if key.startswith("expect") else "move it into the articles"
            yield Mistake(f"`{key}` stands beside `articles`", remedy, key=key)
        if self.alerts is None:
            yield Mistake("the key `alerts` is missing", "add `alerts: [[rare-earth]]`")
        times = [article.after for article in self.articles if article.after is not None]
        if any(later < earlier for earlier, later in pairwise(times)):
            yield Mistake(
                "an article comes before the one above it",
                "sort the articles by `after`, which counts from the first one",
                key="articles",
            )
