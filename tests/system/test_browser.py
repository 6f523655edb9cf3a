"""A real browser at /docs: what a new user does first works, and nothing comes from another host."""

import json
import shutil
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.waiting import PATIENCE

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="Chromium and its driver are not installed: apt-get install chromium chromium-driver",
)
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # containers and CI run as root
    "--disable-gpu",
    "--window-size=1280,2600",
    # Nothing of the browser's own on the network.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """Chromium with a new profile, whose network and console are written down."""

    def __init__(self, profile):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        self.driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))

    def first(self, selector, within=None):
        """The first element that matches and can be seen, as soon as there is one."""

        def visible(_):
            found = (within or self.driver).find_elements(By.CSS_SELECTOR, selector)
            return next((element for element in found if element.is_displayed()), None)

        return WebDriverWait(self.driver, PATIENCE, 0.05).until(visible, selector)

    def execute(self, method, path):
        """Expand the endpoint, press 'Try it out', then 'Execute'; the status and the body that the page shows."""
        operation = self.first(f".opblock-{method}:has([data-path='{path}'])")
        self.first(".opblock-summary-control", operation).click()
        try_it_out = self.first(".try-out__btn", operation)
        assert try_it_out.text == "Try it out"
        try_it_out.click()
        self.first(".execute", operation).click()
        answer = self.first(".live-responses-table .response", operation)
        return self.first(".response-col_status", answer).text, self.first(".highlight-code", answer).text

    def urls(self):
        """Everything that was requested."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]


@pytest.fixture
def browser(tmp_path):
    browser = Browser(tmp_path / "profile")
    yield browser
    browser.driver.quit()


def test_a_first_try_in_the_documentation(server, browser, tmp_path):
    server = server()
    browser.driver.get(f"{server.url}/docs")
    status, model = browser.execute("post", "/train")
    assert status.splitlines()[0] == "201"
    assert '"version": 1' in model
    status, scores = browser.execute("post", "/predict")
    assert status.splitlines()[0] == "200"
    assert '"model_version": 1' in scores
    assert '"probability": 0.' in scores
    status, model = browser.execute("get", "/model")
    assert status.splitlines()[0] == "200"
    assert '"version": 1' in model
    browser.driver.save_screenshot(tmp_path / "docs.png")

    urls = [url for url in map(urlsplit, browser.urls()) if url.scheme not in ("data", "chrome")]
    assert {"/docs", "/openapi.json", "/train", "/predict", "/model"} <= {url.path for url in urls}
    assert {f"{url.scheme}://{url.netloc}" for url in urls} == {server.url}
    assert browser.driver.get_log("browser") == []
