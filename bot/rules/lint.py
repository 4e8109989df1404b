"""What is allowed in a rules file and yet hardly meant: terms without effect, rules that cannot ring, and the like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.errors import Problem
from bot.models import Feed
from bot.rules.definitions import Alias, Entity, Group, Item, Rule, RuleBook, Scope, Term, TermKind
from bot.rules.findings import Place, listed, quoted
from bot.rules.implication import MOST_TERMS, Implications
from bot.rules.places import Places
from bot.text.tokens import script_of

SHORT: Final = 3
"""An alias of so many letters is another word, or a part of a name, somewhere."""

LONGEST_ARTICLE: Final = 55_500
LONGEST_TITLE: Final = 500
"""Words, at most: texts are cut at 111,000 and titles at 1,000 characters (bot.feeds.article), and a word takes two."""

MOST_NAMED: Final = 5

_ONE_CHARACTER_A_WORD: Final = frozenset(
    {"HAN", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR"}
)
"""Scripts of which two or three characters are a name as good as any."""


def lint(book: RuleBook, places: Places) -> tuple[Problem, ...]:
    """Everything worth a warning, by position."""
    return tuple(sorted(set(_Linter(book, places).warnings())))


class _Linter:
    def __init__(self, book: RuleBook, places: Places) -> None:
        self._book = book
        self._places = places
        self._entities = {entity.name: entity for entity in book.entities}
        self._named: dict[tuple[str, frozenset[str]], bool] = {}
        self._implications = Implications(_all_terms(book), book.entities)

    def warnings(self) -> Iterator[Problem]:
        for rule in self._book.rules:
            yield from self._group(rule, rule.when)
            yield from self._sources(rule)
            yield from self._languages(rule)
        for entity in self._book.entities:
            yield from self._entity(entity)
        yield from self._uncompared()
        yield from self._unfollowed()
        yield from self._untested()
        yield from self._overlaps()

    # Lists of terms

    def _shadowed(self, owner: Rule | Entity, section: str, terms: Sequence[Term]) -> Iterator[Problem]:
        """The terms of a list of alternatives that another of them makes needless."""
        for term, other in self._implied(terms):
            yield _warning(
                self._places.of_term(owner, section, term),
                f"{quoted(str(term))} adds nothing, since {_other(term, other)}",
                "remove it",
            )

    def _needless(self, rule: Rule, terms: Sequence[Term]) -> Iterator[Problem]:
        """The terms of a list of conditions that another of them fulfils already."""
        for other, term in self._implied(terms):
            why = "it is listed twice" if term == other else f"it stands wherever {quoted(str(other))} does"
            yield _warning(
                self._places.of_term(rule, "all", term),
                f"{quoted(str(term))} adds nothing, since {why}",
                "remove it",
            )

    def _implied(self, terms: Sequence[Term]) -> Iterator[tuple[Term, Term]]:
        """Each term of a list with one, if there is any, that stands wherever it does.

        Of terms that stand for each other the first implies nothing.
        """
        first = _order(terms)
        for number, term in enumerate(terms):
            for place in sorted(
                first[other]
                for other in self._everywhere(self._implications.following(term))
                if other in first
            ):
                other = terms[place]
                later = place > number and self._implications.implies(other, term)
                if place != number and not later and self._implications.implies(term, other):
                    yield term, other
                    break

    @staticmethod
    def _everywhere(terms: Iterable[Term]) -> Iterator[Term]:
        """Terms, and each as it stands in titles alone."""
        for term in terms:
            yield term
            yield replace(term, title=True)

    # Groups

    def _group(self, rule: Rule, group: Group) -> Iterator[Problem]:
        counts = group.at_least is not None or group.threshold is not None
        either, every, excluded = (_terms(items) for items in (group.any, group.all, group.none))
        if not counts:
            yield from self._shadowed(rule, "any", either)
        if group.near is None and group.scope is None:
            yield from self._needless(rule, every)
        yield from self._shadowed(rule, "none", excluded)
        yield from self._unreachable(rule, group)
        yield from self._excluded(rule, group)
        yield from self._distance(rule, group)
        for item in (*group.any, *group.all, *group.none):
            if isinstance(item.of, Group):
                yield from self._group(rule, item.of)

    def _unreachable(self, rule: Rule, group: Group) -> Iterator[Problem]:
        if group.at_least is not None and group.at_least > (count := len(self._different(group.any))):
            yield _warning(
                self._places.of_key(rule, "at_least", group.at_least),
                f"`at_least: {group.at_least}` cannot be reached with the {count} different items of `any`",
                "lower it, or add items",
            )
        if group.threshold is None:
            yield from self._idle_weights(rule, group)
        elif group.threshold > (most := sum(item.weight for item in self._different(group.any))):
            yield _warning(
                self._places.of_key(rule, "threshold"),
                f"the threshold {group.threshold:g} cannot be reached, since all weights come to {most:g}",
                "lower it, or raise the weights",
            )

    def _idle_weights(self, rule: Rule, group: Group) -> Iterator[Problem]:
        for item in group.any:
            if item.weight != 1:
                is_term = isinstance(item.of, Term)
                yield _warning(
                    self._places.of_term(rule, "any", item.of)
                    if isinstance(item.of, Term)
                    else self._places.of_key(rule, "weight", f"{item.weight:g}"),
                    f"the weight of {quoted(str(item.of)) if is_term else 'a group'} has no effect without a `threshold`",
                    "give the group a `threshold`, or remove the weight",
                )

    def _different(self, items: Iterable[Item]) -> list[Item]:
        """Items of which none stands for another; groups all differ."""
        kept: dict[object, Item] = {}
        for number, item in enumerate(items):
            same = self._implications.representative(item.of) if isinstance(item.of, Term) else number
            kept.setdefault(same, item)
        return list(kept.values())

    def _excluded(self, rule: Rule, group: Group) -> Iterator[Problem]:
        """Whether what must stand is what must not."""
        banned = _order(_terms(group.none))
        pairs = [(term, self._banned(term, banned)) for term in _terms(group.all)]
        either = _terms(group.any)
        if len(either) == len(group.any):
            of_any = [(term, self._banned(term, banned)) for term in either]
            if of_any and all(ban for _, ban in of_any):
                pairs += of_any[:1]
        for term, ban in pairs:
            if ban is not None:
                yield _warning(
                    self._places.of_term(rule, "none", ban),
                    f"the rule {quoted(rule.id)} can never ring here, since `none` holds {quoted(str(ban))}, "
                    f"which stands wherever {quoted(str(term))} does",
                    "remove one of the two",
                )

    def _banned(self, term: Term, banned: Mapping[Term, int]) -> Term | None:
        """A term of those that are banned, each with its place, which stands wherever the term does."""
        following = self._implications.following(term) if banned else ()
        return min(
            (
                other
                for other in self._everywhere(following)
                if other in banned and self._implications.implies(term, other)
            ),
            key=lambda other: banned[other],
            default=None,
        )

    def _distance(self, rule: Rule, group: Group) -> Iterator[Problem]:
        of, longest = ("title", LONGEST_TITLE) if group.scope is Scope.TITLE else ("article", LONGEST_ARTICLE)
        if group.near is not None and group.near > longest:
            yield self._too_far(self._places.of_key(rule, "near", group.near), group.near, of)

    def _too_far(self, place: Place, near: int, of: str) -> Problem:
        return _warning(
            place, f"no {of} is long enough for `near: {near}` to matter", "lower it, or remove it"
        )

    # Rules

    def _uncompared(self) -> Iterator[Problem]:
        """Whether the file is too large to compare its terms, which is then told instead of what it would show."""
        owners: list[Rule | Entity] = [*self._book.rules, *self._book.entities]
        if not self._implications.complete and owners:
            yield _warning(
                self._places.of(owners[0]),
                f"there are more than {MOST_TERMS:,} terms, or too many that are alike, "
                "so that no term was compared with another",
                "divide the file, and check the parts",
            )

    def _sources(self, rule: Rule) -> Iterator[Problem]:
        owners = {feed.owner or feed.url for feed in self._book.feeds}
        allowed = {feed.owner or feed.url for feed in self._book.feeds if _is_allowed(feed, rule)}
        if owners and rule.min_sources > len(allowed):
            restricted = " that its `feeds` and `tags` allow" if len(allowed) < len(owners) else ""
            yield _warning(
                self._places.of_key(rule, "min_sources"),
                f"the rule {quoted(rule.id)} can never ring, since {_feeds(len(allowed))}{restricted}",
                "lower `min_sources`, or add feeds"
                if rule.min_sources > 1
                else "lift one of the restrictions",
            )

    def _languages(self, rule: Rule) -> Iterator[Problem]:
        """Whether a rule for some languages needs names that count in none of them."""
        if rule.languages and not self._may_hold(rule.when, rule.languages):
            yield _warning(
                self._places.of_key(rule, "languages"),
                f"the rule {quoted(rule.id)} can never ring, since names that it needs count in other languages alone",
                "add names in the languages of the rule, or more `languages`",
            )

    def _may_hold(self, of: Term | Group, languages: frozenset[str]) -> bool:
        """Whether an item can hold in articles of some languages, as far as its names tell."""
        if isinstance(of, Group):
            if not all(self._may_hold(item.of, languages) for item in of.all):
                return False
            holding = sum(self._may_hold(item.of, languages) for item in of.any)
            return holding >= min(of.at_least or (0 if of.threshold else 1), len(of.any))
        if of.kind is not TermKind.ENTITY:
            return True
        known = (of.text, languages)
        if known not in self._named:
            self._named[known] = True  # a name that is asked for again meanwhile decides nothing
            entity = self._entities[of.text]
            self._named[known] = bool(entity.country) or any(
                (alias.languages is None or not alias.languages.isdisjoint(languages))
                and self._may_hold(alias.term, languages)
                for alias in entity.aliases
            )
        return self._named[known]

    def _unfollowed(self) -> Iterator[Problem]:
        followed = {rule for channel in self._book.channels for rule in channel.rules}
        rules = [rule for rule in self._book.rules if rule.id not in followed]
        if self._book.channels:
            for rule in rules:
                yield _warning(
                    self._places.of(rule),
                    f"no channel follows the rule {quoted(rule.id)}",
                    "name it under a channel's `rules`",
                )
        elif rules:
            yield _warning(
                self._places.of(rules[0]),
                f"there are no channels, so that nobody hears of {_several(rules)}",
                "add one under `channels`",
            )

    def _untested(self) -> Iterator[Problem]:
        tested = {rule for test in self._book.tests for rule in test.expect or ()}
        tested.update(rule for test in self._book.tests for alert in test.alerts or () for rule in alert)
        rules = [rule for rule in self._book.rules if rule.id not in tested]
        if self._book.tests:
            for rule in rules:
                yield _warning(
                    self._places.of(rule),
                    f"no test expects the rule {quoted(rule.id)} to ring",
                    "add one under `tests`",
                )
        elif rules:
            yield _warning(
                self._places.of(rules[0]),
                f"there are no tests, so that nothing proves {_several(rules)}",
                "add some under `tests`",
            )

    def _overlaps(self) -> Iterator[Problem]:
        """Rules that look for the same terms in the same articles; the second of two is told."""
        first: dict[object, Rule] = {}
        for rule in self._book.rules:
            terms = frozenset(self._names(rule.when))
            other = first.setdefault((terms, rule.languages, rule.feeds, rule.tags), rule)
            if other is not rule:
                yield _warning(
                    self._places.of(rule),
                    f"the rule {quoted(rule.id)} rings on the same terms as {quoted(other.id)}",
                    "join them, or tell them apart by their terms",
                )

    def _names(self, group: Group) -> Iterator[str]:
        for item in (*group.any, *group.all):
            if isinstance(item.of, Term):
                yield self._implications.representative(item.of)
            else:
                yield from self._names(item.of)

    # Entities

    def _entity(self, entity: Entity) -> Iterator[Problem]:
        unless = _order(entity.unless)
        for alias in entity.aliases:
            yield from self._short(entity, alias)
            ban = self._banned(alias.term, unless)
            if ban is not None:
                yield _warning(
                    self._places.of_term(entity, "aliases", alias.term),
                    f"the alias {quoted(str(alias.term))} never counts, since `unless` holds {quoted(str(ban))}",
                    "remove one of the two",
                )
        yield from self._shadowed_aliases(entity)
        yield from self._shadowed(entity, "unless", entity.unless)
        if entity.requires:
            yield from self._shadowed(entity, "requires", entity.requires.any)
            near = entity.requires.near
            if near is not None and near > LONGEST_ARTICLE:
                yield self._too_far(self._places.of_key(entity, "near", near), near, "article")

    def _short(self, entity: Entity, alias: Alias) -> Iterator[Problem]:
        term = alias.term
        if term.kind not in {TermKind.PHRASE, TermKind.PREFIX}:
            return
        scripts = [script for character in term.text if (script := script_of(character))]
        most = 1 if _ONE_CHARACTER_A_WORD.intersection(scripts) else SHORT
        if len(scripts) <= most:
            letters = "one letter" if len(scripts) == 1 else f"{len(scripts)} letters"
            yield _warning(
                self._places.of_term(entity, "aliases", term),
                f"the alias {quoted(str(term))} has only {letters} and rings in any case and inflection",
                f"write {quoted(f'={term.text}')}, or a longer name",
            )

    def _shadowed_aliases(self, entity: Entity) -> Iterator[Problem]:
        """As `_shadowed`, among names that count in the same languages."""
        for languages in dict.fromkeys(alias.languages for alias in entity.aliases):
            here = [alias for alias in entity.aliases if alias.languages == languages]
            wider = [
                alias
                for alias in entity.aliases
                if languages is not None and (alias.languages is None or alias.languages > languages)
            ]
            terms = [alias.term for alias in (*wider, *here)]
            told = {alias.term for alias in here}
            for term, other in self._implied(terms):
                if term in told:
                    yield _warning(
                        self._places.of_term(entity, "aliases", term),
                        f"the alias {quoted(str(term))} adds nothing, since {_other(term, other)}",
                        "remove it",
                    )


def _all_terms(book: RuleBook) -> Iterator[Term]:
    for rule in book.rules:
        yield from _deep_terms(rule.when)
    for entity in book.entities:
        yield from (alias.term for alias in entity.aliases)
        yield from entity.unless
        yield from entity.requires.any if entity.requires else ()


def _deep_terms(group: Group) -> Iterator[Term]:
    for item in (*group.any, *group.all, *group.none):
        if isinstance(item.of, Term):
            yield item.of
        else:
            yield from _deep_terms(item.of)


def _terms(items: Iterable[Item]) -> list[Term]:
    """The items that are terms."""
    return [item.of for item in items if isinstance(item.of, Term)]


def _order(terms: Sequence[Term]) -> dict[Term, int]:
    """Different terms, each with its first place."""
    places: dict[Term, int] = {}
    for number, term in enumerate(terms):
        places.setdefault(term, number)
    return places


def _other(term: Term, other: Term) -> str:
    if term == other:
        return "it is listed twice"
    return f"{quoted(str(other))} stands wherever it does"


def _several(rules: Sequence[Rule]) -> str:
    named = listed(rule.id for rule in rules[:MOST_NAMED])
    return f"{named} and {len(rules) - MOST_NAMED} more" if len(rules) > MOST_NAMED else named


def _is_allowed(feed: Feed, rule: Rule) -> bool:
    """Whether a rule looks at the articles of a feed."""
    by_name = not rule.feeds or not rule.feeds.isdisjoint({feed.name, feed.url})
    return by_name and (not rule.tags or not rule.tags.isdisjoint(feed.tags))


def _feeds(count: int) -> str:
    if not count:
        return "there is no feed"
    return "there is only one independent feed" if count == 1 else f"there are only {count} independent feeds"


def _warning(place: Place, what: str, remedy: str) -> Problem:
    return Problem(file=place.file, line=place.line, column=place.column, what=what, remedy=remedy)
