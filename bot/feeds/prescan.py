"""A first pass over a document with expat, to refuse what would harm the parser behind it.

Costs 20 ms a MiB. Entities are judged where they are declared, before anything can expand them; external ones
are only ever names, since expat opens nothing by itself.
"""

from __future__ import annotations

import pyexpat
import re
from dataclasses import dataclass
from typing import Final
from xml.parsers.expat import ParserCreate

from bot.errors import ParseError

DEEPEST: Final = 64
"""Elements inside one another. The deepest honest feeds, with XHTML articles in them, reach about 30."""

MOST_ELEMENTS: Final = 200_000
MOST_ATTRIBUTES: Final = 200
"""Of one element; the namespaces that a feed declares are among them."""

MOST_TAGS_IF_MALFORMED: Final = 400_000
"""`<` in a document that is not well-formed: the tolerant parser takes 7 to 17 µs for each."""

MOST_ENTITIES: Final = 300
"""The three HTML entity sets together declare 252."""

LONGEST_ENTITY: Final = 256
_ENTITY_INSIDE: Final = re.compile(r"[&%](?!#)")

_CUT_SHORT: Final = frozenset(
    {
        pyexpat.errors.codes[pyexpat.errors.XML_ERROR_NO_ELEMENTS],
        pyexpat.errors.codes[pyexpat.errors.XML_ERROR_UNCLOSED_TOKEN],
        pyexpat.errors.codes[pyexpat.errors.XML_ERROR_PARTIAL_CHAR],
        pyexpat.errors.codes[pyexpat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    }
)
"""What expat says where the document ends before its root does, all well until there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the first pass saw.

    `root` is the local name of the outermost element in lower case, None where none begins. `fault` is
    expat's complaint about a malformed document. `cut_short` tells a document that merely ends too early from
    one that is wrong in itself; `inside_entry` whether it ends within an entry.
    """

    root: str | None
    fault: str | None = None
    cut_short: bool = False
    inside_entry: bool = False


class _Refused(Exception):
    """Carries a sentence out of expat's callbacks."""


class _Watch:
    """expat's callbacks, which count and refuse."""

    def __init__(self) -> None:
        self.root: str | None = None
        self.open: list[str] = []
        self._elements = 0
        self._entities = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        self.open.append(local)
        self.root = self.root or local
        self._elements += 1
        if len(self.open) > DEEPEST:
            raise _Refused(f"nests more than {DEEPEST} elements")
        if self._elements > MOST_ELEMENTS:
            raise _Refused(f"holds more than {MOST_ELEMENTS} elements")
        if len(attributes) > MOST_ATTRIBUTES:
            raise _Refused(f"gives one element more than {MOST_ATTRIBUTES} attributes")

    def end(self, _name: str) -> None:
        self.open.pop()

    def entity(
        self,
        name: str,
        is_parameter: bool,  # noqa: FBT001 - expat's signature
        value: str | None,
        _base: str | None,
        _system: str | None,
        _public: str | None,
        _notation: str | None,
    ) -> None:
        self._entities += 1
        if self._entities > MOST_ENTITIES:
            raise _Refused(f"declares more than {MOST_ENTITIES} entities")
        if value is None:
            return
        if is_parameter or _ENTITY_INSIDE.search(value):
            raise _Refused(f"declares the entity {name[:40]!a} by way of other entities, as a bomb would")
        if len(value) > LONGEST_ENTITY:
            raise _Refused(f"declares the entity {name[:40]!a} of more than {LONGEST_ENTITY} characters")


def prescan(document: bytes) -> Scan:
    """Look through an XML document in UTF-8.

    Raises ParseError where it declares dangerous entities or exceeds what one feed may hold; a document that
    is only malformed is described instead.
    """
    watch = _Watch()
    parser = ParserCreate("utf-8")
    parser.StartElementHandler = watch.start
    parser.EndElementHandler = watch.end
    parser.EntityDeclHandler = watch.entity
    fault: pyexpat.ExpatError | None = None
    try:
        # In one piece: fed in small ones, expat before 2.6 reads a long token again for each of them.
        parser.Parse(document, True)  # noqa: FBT003 - expat's signature
    except _Refused as refused:
        raise ParseError(f"the feed {refused}; it is not read") from None
    except pyexpat.ExpatError as error:
        fault = error
    if fault is None:
        return Scan(root=watch.root)
    if document.count(b"<") > MOST_TAGS_IF_MALFORMED:
        raise ParseError(
            f"the feed is malformed and holds more than {MOST_TAGS_IF_MALFORMED} tags; it is not read"
        )
    return Scan(
        root=watch.root,
        fault=str(fault),
        cut_short=fault.code in _CUT_SHORT and bool(watch.open),
        inside_entry="item" in watch.open or "entry" in watch.open,
    )
