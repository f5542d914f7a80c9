"""Addresses of servers, as users type them."""

import pytest

from custom_components.xprotect_events.api import InvalidAddressError, parse_address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("vms.example.com", "https://vms.example.com/"),
        ("  vms.example.com\n", "https://vms.example.com/"),
        ("http://vms.example.com", "http://vms.example.com/"),
        ("HTTPS://VMS.Example.COM", "https://vms.example.com/"),
        ("vms:8443", "https://vms:8443/"),
        ("http://vms:80", "http://vms/"),
        ("192.0.2.7", "https://192.0.2.7/"),
        ("[2001:db8::7]:8443", "https://[2001:db8::7]:8443/"),
        ("https://vms/", "https://vms/"),
        ("https://vms/api", "https://vms/"),
        ("https://vms/api/", "https://vms/"),
        ("https://vms/API", "https://vms/"),
        ("https://vms//api//", "https://vms/"),
        ("https://vms/xprotect", "https://vms/xprotect"),
        ("https://vms/xprotect/api/", "https://vms/xprotect"),
        ("https://vms/api/xprotect", "https://vms/api/xprotect"),
        ("https://vms/api/rest/v1", "https://vms/"),
        ("https://vms/API/.well-known/uris", "https://vms/"),
        ("https://vms/xprotect/API/IDP/connect/token", "https://vms/xprotect"),
        ("https://vms/IDP/", "https://vms/"),
        ("https://vms/idp/.well-known/openid-configuration", "https://vms/"),
        ("https://vms/idp/xprotect", "https://vms/idp/xprotect"),
        ("https://vms/api/api", "https://vms/api"),
        ("https://vms/apis", "https://vms/apis"),
        ("https://vms/100%25/", "https://vms/100%25"),
        ("https://müller.example", "https://xn--mller-kva.example/"),
        ("https://vms?", "https://vms/"),
    ],
)
def test_different_spellings_give_the_same_address(typed: str, address: str) -> None:
    """Users paste the address of their browser; it must not become a second entry."""
    assert str(parse_address(typed)) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "https://",
        "//vms",
        "ftp://vms",
        "file:///etc/passwd",
        "https://vms:99999",
        "https://vms:0",
        "https://vms:port",
        "https:vms",
        "https:/vms",
        "https//vms",
        "http//vms:80",
        "https://http://vms",
        "https://[::1",
        "::1",
        "two words",
        "vms/a path",
        "vms\tvms",
        "a..b",
        "x" * 64,
        "https://user@vms",
        "https://user:secret@vms",
        "https://vms?query=1",
        "https://vms#part",
        "https://vms\\share",
    ],
)
def test_an_invalid_address_is_refused(typed: str) -> None:
    """An error in the form is clearer than a failed name look-up."""
    with pytest.raises(InvalidAddressError):
        parse_address(typed)


def test_a_refused_address_does_not_repeat_a_password_in_it() -> None:
    """The error is shown and logged."""
    with pytest.raises(InvalidAddressError) as caught:
        parse_address("https://user:secret@vms")
    assert "secret" not in f"{caught.value} {caught.value!r}"


def test_paths_of_the_api_follow_a_path_of_the_user() -> None:
    """Behind a reverse proxy the gateway may be deeper."""
    assert str(parse_address("vms/xprotect") / "api") == "https://vms/xprotect/api"
