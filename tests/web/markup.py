"""HTML held to its letter: every element closed where it has to be, every id once; with what a page says of itself."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}

_APART = {"article", "dd", "dt", "div", "h1", "h2", "h3", "h4", "li", "p", "section", "summary", "td", "th", "tr"}


@dataclass
class Page:
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    elements: dict[str, int] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    text: str = ""
    faults: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.opened: list[str] = []

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.page.elements[tag] = self.page.elements.get(tag, 0) + 1
        self.page.attributes |= said.keys()
        self.page.ids += [said["id"]] if "id" in said else []
        self.page.links += [said["href"]] if tag == "a" else []
        if len(said) != len(attrs):
            self.page.faults.append(f"an attribute twice at {self.getpos()}")
        if tag in _APART:
            self.page.text += " "
        if tag not in _VOID:
            self.opened.append(tag)

    def handle_endtag(self, tag):
        if not self.opened or self.opened.pop() != tag:
            self.page.faults.append(f"</{tag}> at {self.getpos()} closes something else")

    def handle_data(self, data):
        if not self.opened or self.opened[-1] != "style":
            self.page.text += data


def page(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    faults = [f"<{tag}> is never closed" for tag in reader.opened]
    twice = sorted({f'id "{one}" twice' for one in reader.page.ids if reader.page.ids.count(one) > 1})
    reader.page.faults += faults + twice
    reader.page.text = " ".join(reader.page.text.split())
    return reader.page
