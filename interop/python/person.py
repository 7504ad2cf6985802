"""The person at a browser: an ordinary HTTP client with cookies that reads the
server's pages, fills in their forms and presses their buttons."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from common import URL


def answer(url, user, button):
    """Opens url, signs in as user, a name and password, and presses button,
    "allow" or "deny". Returns where the server then sends the browser, which
    does not go there; or the verifier that the page shows instead."""
    name, password = user
    with requests.Session() as browser:
        _, page = visit(browser, "GET", url)
        _, page = press(browser, page, "sign-in", username=name, password=password)
        location, page = press(browser, page, button)
        return location or Page(page).verifier


def press(browser, page, button, **typed):
    """Sends the page's form; returns what visit returns."""
    form = Page(page)
    if button not in form.buttons:
        raise RuntimeError(f"no button {button!r} on the page:\n{page.text}")
    return visit(browser, "POST", urljoin(page.url, form.action), data={**form.hidden, **typed, "action": button})


def visit(browser, method, url, **options):
    """Follows redirects as long as they stay on the server. Returns the
    address beyond it, or None, and the last answer."""
    page = browser.request(method, url, allow_redirects=False, **options)
    while "Location" in page.headers:
        url = urljoin(page.url, page.headers["Location"])
        if not url.startswith(URL + "/"):
            return url, page
        page = browser.get(url, allow_redirects=False)
    return None, page


class Page(HTMLParser):
    """What the person sees: one form, its buttons, and a verifier if any."""

    def __init__(self, response):
        super().__init__()
        self.action, self.hidden, self.buttons, self.verifier = "", {}, set(), ""
        self.in_verifier = False
        self.feed(response.text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self.action = attributes["action"]
        elif tag == "input" and attributes.get("type") == "hidden":
            self.hidden[attributes["name"]] = attributes["value"]
        elif tag == "button" and attributes.get("name") == "action":
            self.buttons.add(attributes["value"])
        self.in_verifier = attributes.get("id") == "verifier"

    def handle_data(self, data):
        if self.in_verifier:
            self.verifier += data.strip()


def parameters(url):
    """The parameters of a redirect's query; each is there once."""
    return {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}
