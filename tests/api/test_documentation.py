"""/docs: Swagger UI, every asset from here, so that it works where no other host can be reached."""

import re

import pytest

ASSETS = re.compile(r"""(?:src|href)\s*=\s*["']([^"']+)["']""")


@pytest.fixture(scope="module")
def page(empty):
    answer = empty.get("/docs")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.text


def test_no_other_host_is_named(page):
    assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+", page) == []
    assert "cdn" not in page


def test_every_asset_is_served_from_here(empty, page):
    assets = ASSETS.findall(page)
    assert len(assets) == 3
    kinds = {}
    for asset in assets:
        answer = empty.get(asset)
        assert (asset, answer.status_code) == (asset, 200)
        kinds[answer.headers["Content-Type"].split(";")[0]] = len(answer.content)
    assert set(kinds) == {"text/javascript", "text/css", "image/png"}
    assert kinds["text/javascript"] > 1_000_000
    assert min(kinds.values()) > 100


def test_the_style_loads_nothing_else(empty, page):
    (style,) = [asset for asset in ASSETS.findall(page) if asset.endswith(".css")]
    urls = re.findall(r"url\(\s*['\"]?([^'\")]+)", empty.get(style).text)
    assert [url for url in urls if not url.startswith("data:")] == []


def test_it_shows_this_services_contract(empty, page):
    (contract,) = re.findall(r"url: '([^']+)'", page)
    served = empty.get(contract).json()
    assert served["info"]["title"] in page
    assert "/train" in served["paths"]
    assert "swagger-ui" in page
