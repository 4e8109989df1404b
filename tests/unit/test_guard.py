from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import AddressRefused
from bot.feeds.guard import LONGEST_URL, PrivateAddress, check_url, guarded_socket, is_public, require_public

PRIVATE = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255
    192.0.0.8 192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
    239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 100::1
    2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 3fff::1 5f00::1
    fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1 ff0e::1
""".split()
PUBLIC = "1.1.1.1 8.8.8.8 93.184.216.34 2606:4700::1111 2a00:1450::1 64:ff9b::808:808 2002:808:808::1".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_off_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(PrivateAddress):
        require_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("text", ["fe80::1%eth0", "nonsense", ""])
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(PrivateAddress):
        require_public(text)


def test_no_socket_is_made_for_a_private_address() -> None:
    with pytest.raises(PrivateAddress):
        guarded_socket((2, 1, 6, "", ("127.0.0.1", 80)))


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://news.example/rss?id=1#top", "https://news.example/rss?id=1"),
        ("HTTP://News.Example", "http://news.example/"),
        ("https://haber.example:8443/ışık?ş=1", "https://haber.example:8443/%C4%B1%C5%9F%C4%B1k?%C5%9F=1"),
        ("https://türkiye.example/", "https://xn--trkiye-3ya.example/"),
        ("https://news.example/a%2Fb%7e", "https://news.example/a%2Fb%7e"),
        ("http://[2606:4700::1111]/", "http://[2606:4700::1111]/"),
    ],
)
def test_a_sound_url_is_put_in_ascii(url: str, checked: str) -> None:
    assert check_url(url) == checked


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "ftp://x.example/",
        "gopher://x.example/",
        "unix:/run/x",
        "data:text/xml,<rss/>",
        "javascript:1",
        "/etc/passwd",
        "feed.xml",
        "",
        "http://",
        "http:///path",
        "https://user@x.example/",
        "https://user:password@x.example/",
        "http://inside.example\\@public.example/",
        "http://a\\@b",
        "http://x.example/a b",
        "http://x.example/\r\nHost: y",
        "http://x.example/\x00",
        "http://x.example/\u2028",
        "http://x.example/\ud800",
        "http://x.example:0/",
        "http://x.example:65536/",
        "http://x.example:http/",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://[nonsense]/",
        "http://x..example/",
        "http://.example/",
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 130 + "example/",
        "http://ex%61mple.example/",
        "http://exa_mple!.example/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://127.1/",
        "http://1.2.3.4.5/",
        "https://x.example/" + "a" * LONGEST_URL,
    ],
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url)


@given(st.text(max_size=60))
def test_whatever_passes_is_ascii_and_passes_again(text: str) -> None:
    try:
        checked = check_url("https://news.example/" + text)
    except AddressRefused:
        return
    assert checked.isascii()
    assert check_url(checked) == checked
