"""Turns terms into finders and groups into conditions, and gathers what must be found in texts."""

from __future__ import annotations

from collections.abc import Iterable

from bot.rules.conditions import Branch, Condition, Enough, Leaf, Node
from bot.rules.countries import CountryName, longer_names, names
from bot.rules.definitions import Alias, Entity, Group, Scope, Term, TermKind
from bot.rules.expressions import check_regex, compile_regex
from bot.rules.finders import EntityFinder, Finder, LanguageFinder, LiteralFinder, RegexFinder, TitleFinder
from bot.rules.terms import TermIndex
from bot.text.fold import fold_key


class Compiler:
    """Compiles the parts of one rules file; what it has compiled once it gives again."""

    __slots__ = ("_entities", "_finders", "_named", "index")

    def __init__(self, entities: Iterable[Entity]) -> None:
        self.index = TermIndex()
        self._entities = {entity.name: entity for entity in entities}
        self._named: dict[str, Finder] = {}
        self._finders: dict[Term, Finder] = {}

    def condition(self, group: Group) -> Condition:
        """Compile a group."""
        leaves: dict[Finder | Condition, int] = {}
        vetoes: dict[int, tuple[Finder | Condition, ...]] = {}

        def bit_of(part: Finder | Condition) -> int:
            return leaves.setdefault(part, 1 << (len(leaves) + len(vetoes)))

        def node(of: Term | Group) -> Node:
            if isinstance(of, Term):
                return Leaf(bit_of(self.finder(of)))
            return branch(of) if is_open(of) else Leaf(bit_of(self.condition(of)))

        def branch(group: Group) -> Branch:
            required = [node(item.of) for item in group.all]
            if group.none:
                bit = 1 << (len(leaves) + len(vetoes))
                vetoes[bit] = tuple(self.part(item.of) for item in group.none)
                required.append(Leaf(bit))
            return Branch(all=tuple(required), any=enough(group) if group.any else None)

        def enough(group: Group) -> Enough:
            at_least = 1 if group.at_least is None and group.threshold is None else group.at_least or 0
            return Enough(
                items=tuple((key_of(item.of), item.weight, node(item.of)) for item in group.any),
                at_least=at_least,
                threshold=group.threshold or 0.0,
            )

        root = branch(group)
        scope = None if group.scope is Scope.ARTICLE else group.scope
        return Condition(root, leaves, vetoes, near=group.near, scope=scope)

    def part(self, of: Term | Group) -> Finder | Condition:
        """Compile an item."""
        return self.finder(of) if isinstance(of, Term) else self.condition(of)

    def finder(self, term: Term) -> Finder:
        """Compile a term."""
        known = self._finders.get(term)
        if known is None:
            known = self._finders[term] = self._finder(term)
        return known

    def _finder(self, term: Term) -> Finder:
        if term.title:
            bare = Term(kind=term.kind, text=term.text)
            return TitleFinder(str(term), self.finder(bare))
        if term.kind is TermKind.ENTITY:
            return self._entity(term)
        if term.kind is TermKind.REGEX:
            problem = check_regex(term.text)
            if problem is not None:
                raise ValueError(f"{term}: {problem}")
            return RegexFinder(str(term), compile_regex(term.text))
        return LiteralFinder(str(term), self.index.add(term))

    def _entity(self, term: Term) -> Finder:
        entity = self._entities[term.text]
        aliases = [self._alias(alias) for alias in entity.aliases]
        aliases += [self._country_name(name) for name in names(entity.country or "")]
        unless = [self.finder(each) for each in entity.unless]
        unless += [self._country_name(name) for name in longer_names(entity.country or "")]
        requires = entity.requires
        return EntityFinder(
            str(term),
            aliases,
            unless=unless,
            context=None if requires is None else [self.finder(each) for each in requires.any],
            words=None if requires is None else requires.near,
            cased=entity.cased,
        )

    def _alias(self, alias: Alias) -> Finder:
        if alias.languages is None:
            return self.finder(alias.term)
        if alias.term.title or alias.term.kind in {TermKind.ENTITY, TermKind.REGEX}:
            return LanguageFinder(self.finder(alias.term), alias.languages)
        number = self.index.add(alias.term, alias.languages)
        return LanguageFinder(LiteralFinder(str(alias.term), number), alias.languages)

    def _country_name(self, name: CountryName) -> Finder:
        term = Term(kind=TermKind.EXACT if name.exact else TermKind.PHRASE, text=name.text)
        number = self.index.add(term, name.languages)
        return LanguageFinder(LiteralFinder(name.text, number), name.languages, known=name.short)


def is_open(group: Group) -> bool:
    """Whether the hits of a group may stand anywhere, so that it can be evaluated as part of the group around it."""
    return group.near is None and group.scope in {None, Scope.ARTICLE}


def key_of(of: Term | Group) -> object:
    """What makes two items of a list one: terms that fold to the same text, or equal groups.

    A group of a single item is that item.
    """
    if isinstance(of, Group):
        items = (*of.all, *of.any)
        single = len(items) == 1 and not of.none and of.threshold is None
        return key_of(items[0].of) if single else of
    literal = of.kind not in {TermKind.ENTITY, TermKind.REGEX}
    return fold_key(of.text) if literal else (of.kind, of.text)
