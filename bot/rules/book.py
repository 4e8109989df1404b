"""Makes the rule book of files that were found right: puts lists in their places and joins the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

from bot.models import Feed
from bot.rules import schema, schema_tests
from bot.rules.definitions import (
    Alias,
    Channel,
    Defaults,
    Entity,
    Group,
    Item,
    Requires,
    Rule,
    RuleBook,
    RuleTest,
    Term,
    TermKind,
    TestArticle,
)
from bot.rules.outline import items
from bot.rules.references import same_feed
from bot.rules.scalars import EVERY_RULE
from bot.rules.yaml_nodes import MapNode

Lists: TypeAlias = Mapping[str, tuple[Item, ...]]
"""The items of each list, those of the lists that it names in their places."""

Written: TypeAlias = Term | schema.WeightedSection | schema.GroupSection


def build(files: Sequence[tuple[MapNode, schema.RulesFile]], order: Iterable[str]) -> RuleBook:
    """The rule book of a file and of those that it includes.

    `order` are the names of entities and lists, each after those that it names.
    """
    sections = [section for _, section in files]
    written = {name: list_ for section in sections for name, list_ in section.lists.items()}
    lists: dict[str, tuple[Item, ...]] = {}
    for name in order:
        if name in written:
            lists[name] = _items(written[name], lists)
    feeds = tuple(_feed(feed) for section in sections for feed in section.feeds)
    urls = {same_feed(feed.url): feed.url for feed in feeds}
    rules = tuple(_rule(rule, lists, urls) for section in sections for rule in section.rules)
    ids = tuple(rule.id for rule in rules)
    operators = sections[0].operators
    return RuleBook(
        defaults=_defaults(sections[0].defaults),
        feeds=feeds,
        entities=tuple(
            _entity(name, entity, lists) for section in sections for name, entity in section.entities.items()
        ),
        rules=rules,
        channels=tuple(_channel(channel, ids) for section in sections for channel in section.channels),
        tests=tuple(
            _test(test, urls, file=place.file, line=place.line, column=place.column)
            for root, section in files
            for test, place in zip(section.tests, items(root.get("tests")), strict=True)
        ),
        operators=operators.chat if operators else None,
        audit=operators.audit if operators else None,
        files=tuple(Path(root.file) for root, _ in files),
    )


def _defaults(section: schema.DefaultsSection) -> Defaults:
    return Defaults(**{key: value for key, value in section if value is not None})


def _feed(feed: schema.FeedSection) -> Feed:
    return Feed(
        url=feed.url,
        name=feed.name,
        language=feed.language,
        tags=tuple(feed.tags),
        owner=feed.owner,
        rank=feed.rank,
        paywall=feed.paywall,
        every=feed.every,
        allow_private=feed.allow_private,
        cap=feed.cap,
    )


def _entity(name: str, entity: schema.EntitySection, lists: Lists) -> Entity:
    requires = entity.requires
    return Entity(
        name=name,
        aliases=_aliases(entity.aliases, lists),
        country=entity.country,
        unless=_terms(entity.unless, lists),
        requires=Requires(any=_terms(requires.any, lists), near=requires.near) if requires else None,
        cased=entity.cased,
    )


def _aliases(written: list[Term] | dict[str, list[Term]], lists: Lists) -> tuple[Alias, ...]:
    """A name that several languages list is one alias of them all."""
    if not isinstance(written, dict):
        return tuple(Alias(term=term) for term in _terms(written, lists))
    languages: dict[Term, set[str]] = {}
    for language, terms in written.items():
        for term in _terms(terms, lists):
            languages.setdefault(term, set()).add(language)
    return tuple(Alias(term=term, languages=frozenset(codes)) for term, codes in languages.items())


def _terms(written: Sequence[Term], lists: Lists) -> tuple[Term, ...]:
    return tuple(item.of for item in _items(written, lists) if isinstance(item.of, Term))


def _items(written: Sequence[Written], lists: Lists) -> tuple[Item, ...]:
    return tuple(item for one in written for item in _item(one, lists))


def _item(written: Written, lists: Lists) -> Iterator[Item]:
    match written:
        case Term():
            yield from _spliced(written, 1.0, lists)
        case schema.WeightedSection():
            yield from _spliced(written.term, written.weight, lists)
        case schema.GroupSection():
            yield Item(of=_group(written, lists), weight=written.weight)


def _spliced(term: Term, weight: float, lists: Lists) -> Iterator[Item]:
    """A term itself, or the items of the list that it names, each times the weight."""
    if term.kind is not TermKind.ENTITY or term.text not in lists:
        yield Item(of=term, weight=weight)
        return
    for item in lists[term.text]:
        inner = _in_title(item) if term.title else item
        yield inner if weight == 1 else replace(inner, weight=inner.weight * weight)


def _in_title(item: Item) -> Item:
    if isinstance(item.of, Term):
        return replace(item, of=replace(item.of, title=True))
    any_of, all_of, none_of = (
        tuple(_in_title(inner) for inner in part) for part in (item.of.any, item.of.all, item.of.none)
    )
    return replace(item, of=replace(item.of, any=any_of, all=all_of, none=none_of))


def _group(written: schema.Condition, lists: Lists) -> Group:
    return Group(
        any=_items(written.any, lists),
        all=_items(written.all, lists),
        none=_items(written.none, lists),
        at_least=written.at_least,
        threshold=written.threshold,
        near=written.near,
        scope=written.scope,
    )


def _rule(rule: schema.RuleSection, lists: Lists, urls: Mapping[str, str]) -> Rule:
    return Rule(
        id=rule.id,
        title=rule.title or rule.id,
        when=_group(rule, lists),
        languages=frozenset(rule.languages),
        feeds=frozenset(_feed_name(feed, urls) for feed in rule.feeds),
        tags=frozenset(rule.tags),
        min_sources=rule.min_sources,
        priority=rule.priority,
        cooldown=rule.cooldown,
        cap=rule.cap,
    )


def _feed_name(written: str, urls: Mapping[str, str]) -> str:
    """A feed as `feeds` has it: its address exactly as it stands there, where the address was meant."""
    if "://" not in written:
        return written
    try:
        return urls.get(same_feed(written), written)
    except ValueError:
        return written


def _channel(channel: schema.ChannelSection, ids: tuple[str, ...]) -> Channel:
    chosen = frozenset(ids if channel.rules == [EVERY_RULE] else channel.rules)
    in_order = tuple(rule for rule in ids if rule in chosen)
    return Channel(
        chat=channel.chat,
        rules=in_order,
        thread=channel.thread,
        on_uncertain=channel.on_uncertain,
        on_topic_closed=channel.on_topic_closed,
        expires=channel.expires,
        cap=channel.cap,
        silent=channel.silent,
        previews=channel.previews,
        template=tuple(channel.template),
    )


def _test(
    test: schema_tests.TestSection, urls: Mapping[str, str], *, file: str, line: int, column: int
) -> RuleTest:
    return RuleTest(
        articles=tuple(_sequence(test.articles, urls)) if test.articles else (_article(test, urls),),
        expect=None if test.expect is None else tuple(test.expect),
        expect_not=tuple(test.expect_not),
        alerts=None if test.alerts is None else tuple(tuple(alert) for alert in test.alerts),
        file=file,
        line=line,
        column=column,
    )


def _sequence(
    articles: Iterable[schema_tests.ArticleSection], urls: Mapping[str, str]
) -> Iterator[TestArticle]:
    after = timedelta()
    for article in articles:
        after = after if article.after is None else article.after
        yield replace(_article(article, urls), after=after)


def _article(sample: schema_tests.SampleSection, urls: Mapping[str, str]) -> TestArticle:
    return TestArticle(
        title=sample.title or "",
        summary=sample.summary or "",
        content=sample.text or sample.content or "",
        language=sample.language,
        url=sample.url,
        feed=_feed_name(sample.feed, urls) if sample.feed else None,
        tags=tuple(sample.tags),
    )
