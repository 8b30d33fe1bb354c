from html.parser import HTMLParser
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def cache(self):
        """What nginx says of the cache: HIT, MISS, BYPASS, ... or None."""
        return self.headers["X-Cache-Status"]


class Browser:
    """As much of a browser as the site needs: cookies and forms. A connection a request, no
    redirects followed."""

    def __init__(self, port, host="127.0.0.1"):
        self.port = port
        self.host = host
        self.cookies = {}

    def request(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, fields):
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"http://{self.host}:{self.port}{path}",
        }
        return self.request("POST", path, urlencode(fields), headers)

    def submit(self, path, **fields):
        """Opens a page and sends its form, changed by `fields`, to the same address."""
        page = self.get(path)
        if page.status != 200:
            raise RuntimeError(f"GET {path} gave {page.status}")
        form = FormFields()
        form.feed(page.text)
        return self.post(path, list((form.fields | fields).items()))

    def log_in(self, username, password="northlight", path="/accounts/login/"):
        answer = self.submit(path, username=username, password=password)
        if answer.status != 302:
            raise RuntimeError(f"{username} could not log in: {answer.status}")


class FormFields(HTMLParser):
    """What a browser would send of the page's forms when nothing is filled in."""

    def __init__(self):
        super().__init__()
        self.fields = {}
        self.select = None
        self.textarea = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name = attrs.get("name")
        if tag == "input" and name and attrs.get("type") not in ("submit", "file", "checkbox"):
            self.fields[name] = attrs.get("value", "")
        elif tag == "select" and name:
            self.select = name
        elif tag == "option" and self.select and "selected" in attrs:
            self.fields[self.select] = attrs.get("value", "")
        elif tag == "textarea" and name:
            self.textarea = name
            self.fields[name] = ""

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        elif tag == "textarea":
            self.textarea = None

    def handle_data(self, data):
        if self.textarea:
            if not self.fields[self.textarea]:
                # A newline right after <textarea> is not part of the text.
                data = data.removeprefix("\r").removeprefix("\n")
            self.fields[self.textarea] += data
