import pytest

from bot.errors import ParseError
from bot.feeds.prescan import DEEPEST, MOST_ELEMENTS, MOST_TAGS_IF_MALFORMED, prescan


def doctype(declarations: str, *, body: str = "") -> bytes:
    return f"<!DOCTYPE rss [{declarations}]><rss>{body}</rss>".encode()


def test_a_sound_document_has_no_fault() -> None:
    scan = prescan(b"<rdf:RDF xmlns:rdf='x'><item/></rdf:RDF>")
    assert (scan.root, scan.fault, scan.cut_short) == ("rdf", None, False)


@pytest.mark.parametrize("document", [b"<rss><item>text", b"<rss><item><titl", b"<rss><item><![CDATA[text"])
def test_a_document_that_ends_too_early_is_cut_short(document: bytes) -> None:
    scan = prescan(document)
    assert (scan.cut_short, scan.inside_entry) == (True, True)


def test_a_document_that_ends_between_entries_is_not_inside_one() -> None:
    scan = prescan(b"<feed><entry></entry>")
    assert (scan.cut_short, scan.inside_entry) == (True, False)


@pytest.mark.parametrize("document", [b"", b"words", b"<rss></item>", b"<rss>&x;</rss>", b"<rss/><rss/>"])
def test_a_document_that_is_wrong_in_itself_is_not_cut_short(document: bytes) -> None:
    scan = prescan(document)
    assert scan.fault is not None
    assert not scan.cut_short


def test_entities_of_single_characters_are_let_through() -> None:
    assert prescan(doctype('<!ENTITY nbsp "&#160;"><!ENTITY copy "&#xA9;">', body="&nbsp;")).fault is None


def test_external_entities_are_names_and_no_more() -> None:
    external = '<!ENTITY % html PUBLIC "x" "http://127.0.0.1:9/x.ent"><!ENTITY a SYSTEM "file:///a">'
    assert prescan(doctype(external)).fault is None


@pytest.mark.parametrize(
    "declarations",
    [
        "<!ENTITY a 'x'><!ENTITY b '&a;&a;'>",
        "<!ENTITY a 'x'><!ENTITY b '&#38;a;&a;'>",
        "<!ENTITY % p '<!ENTITY a \"x\">'> %p;",
        f"<!ENTITY a '{'x' * 300}'>",
        "".join(f"<!ENTITY a{number} 'x'>" for number in range(301)),
    ],
    ids=["nested", "nested behind a reference", "parameter", "long", "many"],
)
def test_dangerous_entities_are_refused(declarations: str) -> None:
    with pytest.raises(ParseError, match="entit"):
        prescan(doctype(declarations))


def test_depth_is_bounded() -> None:
    assert prescan(b"<a>" * DEEPEST + b"</a>" * DEEPEST).fault is None
    with pytest.raises(ParseError, match="nests more than"):
        prescan(b"<a>" * (DEEPEST + 1))


def test_the_number_of_elements_is_bounded() -> None:
    with pytest.raises(ParseError, match="elements"):
        prescan(b"<rss>" + b"<a/>" * MOST_ELEMENTS + b"</rss>")


def test_attributes_are_bounded() -> None:
    with pytest.raises(ParseError, match="attributes"):
        prescan(b"<rss " + b" ".join(b"a%d=''" % number for number in range(201)) + b"/>")


def test_tags_are_bounded_where_the_document_is_malformed() -> None:
    with pytest.raises(ParseError, match="malformed and holds more than"):
        prescan(b"<rss></x>" + b"<" * MOST_TAGS_IF_MALFORMED)
