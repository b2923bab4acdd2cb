"""Addresses, credentials and what an answer's error says."""

import base64
import json

import pytest

from heliograph.access import Access, token_of
from heliograph.client import Client
from heliograph.errors import HeliographError, problem


def jwt(**claims):
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.c2ln"


def test_l4_a_token_says_itself_when_it_ends():
    assert token_of(jwt(exp=1_772_366_400)).expires_at == 1_772_366_400_000
    assert token_of({"token": jwt(exp=1), "expires_at": 5}).expires_at == 5
    assert token_of(jwt(sub="x")).expires_at is None
    assert token_of("a.b.c").expires_at is None


@pytest.mark.parametrize("url", ["live.example.com", "ws://live.example.com", "https://live.example.com/?token=a", "https://"])
def test_an_address_that_is_none_is_refused_by_name(url):
    with pytest.raises(HeliographError, match="url: .* should be like https://live.example.com") as told:
        Access(url, "fleet")
    assert "token=a" not in str(told.value)


def test_a_token_and_a_key_are_not_mistaken_for_each_other():
    with pytest.raises(HeliographError, match="api_key"):
        Access("http://x", "fleet", "hg_1234")
    with pytest.raises(HeliographError, match="not both"):
        Access("http://x", "fleet", jwt(), "hg_1234")


def test_boards_keys_and_parameters_are_written_so_that_they_come_back():
    access = Access("https://live.example.com/", "a/b")
    assert access.feed == "wss://live.example.com/v1/boards/a%2Fb/feed"
    client = Client("http://x", "fleet")
    address = client._address("items", {"keys": ["a&b", "é"], "where": ["x:eq:1,2", "y:exists"], "since": None, "cells": True})
    assert address == "http://x/v1/boards/fleet/items?keys=a%26b,%C3%A9&where=x%3Aeq%3A1%2C2&where=y%3Aexists&cells=true"
    with pytest.raises(HeliographError, match="comma"):
        client._address("items", {"keys": ["a,b"]})


def test_an_error_is_the_servers_or_what_a_proxy_said():
    body = {"code": "invalid_parameter", "detail": "d", "errors": [{"field": "where", "message": "m"}]}
    error = problem(400, json.dumps(body).encode())
    assert (error.code, error.message, error.field, error.status) == ("invalid_parameter", "m", "where", 400)
    for body in (b"<html>", b"[]", b'"x"', b"\xff", b'{"code":"x"}'):
        assert problem(502, body).code == "http_error"
    assert problem(429, b"", "7").retry_after == 7
    assert problem(503, b"", "Wed, 21 Oct 2026 07:28:00 GMT").retry_after is None
