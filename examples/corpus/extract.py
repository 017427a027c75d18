#!/usr/bin/env python3
"""Makes postgresql-documentation.ndjson from the HTML of PostgreSQL's manual: one document per section.

usage: extract.py HTML_FOLDER > postgresql-documentation.ndjson

Only Python's standard library is needed. The same input gives the same bytes. README.md says where the HTML is from.
"""

import json
import re
import sys
from bisect import bisect_right
from itertools import count
from pathlib import Path
from xml.etree import ElementTree
from zlib import crc32

XHTML = "{http://www.w3.org/1999/xhtml}"
SIZE_LIMIT = 2_950_000  # bytes of the whole corpus

SECTIONS = {"part", "chapter", "appendix", "preface", "reference", "glossary", "refentry"}
SECTIONS |= {"sect1", "sect2", "sect3", "sect4", "simplesect", "refsect1", "refsect2", "refsect3"}
NAVIGATION = {"navheader", "navfooter", "titlepage", "toc", "mediaobject", "footnotes", "glossary-toc"}
ADMONITIONS = {"note", "tip", "caution", "warning", "important"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = {"p", "div", "pre", "ul", "ol", "dl", "table", "blockquote", "hr"} | HEADINGS
# Lists of names and of old versions rather than text to search in.
LEFT_OUT = {"Release Notes", "Bibliography", "Index", "Obsolete or Renamed Features", "Acronyms", "Legal Notice"}
LEFT_OUT |= {"Author", "Authors", "See Also"}


def tag(element):
    return element.tag.removeprefix(XHTML)


def kind(element):
    return element.get("class", "").split(" ")[0]


def one_line(text):
    return " ".join(text.split())


def inline_text(element):
    """All text of an element on one line, without footnote marks."""
    parts = [element.text or ""]
    for child in element:
        if tag(child) != "sup" or kind(child) != "footnote":
            parts.append("\n" if tag(child) == "br" else inline_text(child))
            parts.append(" " if tag(child) in BLOCKS else "")
        parts.append(child.tail or "")
    return "".join(parts)


def without_number(title):
    """'Chapter 11. Indexes' and '11.2.1. B-Tree' without what only a table of contents needs."""
    return re.sub(r"^((Chapter|Appendix|Part) )?([0-9IVX]+|[A-Z])?(\.[0-9]+)*\.\s+(?=\S)", "", one_line(title))


def blocks(element):
    """The paragraphs, code blocks, lists and tables directly in an element, each as one piece of text."""
    result, line = [], [element.text or ""]

    def end_line():
        text = one_line("".join(line))
        line.clear()
        if text:
            result.append(text)

    for child in element:
        if tag(child) in BLOCKS:
            end_line()
            result.extend(block(child))
        elif kind(child) != "indexterm" and not (tag(child) == "sup" and child.find(f".//{XHTML}a") is not None):
            line.append("\n" if tag(child) == "br" else inline_text(child))
        line.append(child.tail or "")
    end_line()
    return result


def block(element):
    match tag(element):
        case "div" if kind(element) in SECTIONS | NAVIGATION:
            return []
        case "div" if kind(element) in ADMONITIONS:
            name, *text = blocks(element)
            return [f"{name.rstrip(':')}: {text[0]}", *text[1:]] if text else []
        case "pre":
            text = "".join(element.itertext())
            return ["\n".join(line.rstrip() for line in text.strip("\n").split("\n"))]
        case "ul" | "ol" as name:
            numbers = count(1)
            items = [(f"{next(numbers)}. " if name == "ol" else "- ", blocks(item)) for item in element]
            return ["\n".join(mark + "\n\n".join(text).replace("\n", "\n  ") for mark, text in items if text)]
        case "dl":
            return definitions(element)
        case "table":
            return ["\n".join(table_row(row) for row in element.iter(f"{XHTML}tr"))]
        case "hr":
            return []
        case _:
            return blocks(element)


def definitions(element):
    result, terms = [], []
    for child in element:
        text = "\n\n".join(blocks(child))
        if tag(child) == "dt":
            terms.append(text)
        else:
            result.append("\n".join(filter(None, [", ".join(terms), text])))
            terms = []
    return result + [", ".join(terms)] * bool(terms)


def table_row(row):
    return " | ".join(one_line(" ".join(blocks(cell))) for cell in row)


def title_of(section):
    heading = next((e for e in section.iter() if tag(e) in HEADINGS), None)
    return "" if heading is None else without_number("".join(heading.itertext()))


def body_of(section):
    """The section's own text, without its heading and without the sections below it."""
    heading = title_of(section)
    pieces = [piece for child in section if tag(child) in BLOCKS for piece in block(child)]
    return "\n\n".join(piece for piece in pieces if piece != heading).replace("\u200b", "")


class Manual:
    """The pages, and for each of them the titles of the pages above it."""

    def __init__(self, folder):
        self.pages = {path.name: ElementTree.parse(path).getroot() for path in sorted(folder.glob("*.html"))}

    def link(self, page, key):
        for anchor in self.pages[page].iter(f"{XHTML}a"):
            if anchor.get("accesskey") == key:
                return anchor.get("href").partition("#")[0]
        return None

    def title(self, page):
        return one_line(self.pages[page].find(f".//{XHTML}title").text)

    def chapter(self, page):
        """The title of the chapter or appendix that a page belongs to; for a page about a command, of its reference."""
        parent = self.link(page, "u")
        is_chapter = re.match("(Chapter|Appendix) ", self.title(page))
        if is_chapter or parent in (None, "index.html") or self.title(parent) == "Part VI. Reference":
            return without_number(self.title(page))
        return self.chapter(parent)

    def reading_order(self):
        page = self.link("index.html", "n")
        while page in self.pages:
            yield page
            page = self.link(page, "n")


def documents(manual):
    for page in manual.reading_order():
        chapter = manual.chapter(page)
        if chapter not in LEFT_OUT:
            yield from sections(manual.pages[page].find(f"{XHTML}body"), chapter, [])


def sections(element, chapter, path):
    for child in element:
        if tag(child) != "div" or kind(child) not in SECTIONS:
            continue
        titles = path + [title_of(child)]
        body = body_of(child)
        if body and titles[-1] not in LEFT_OUT:
            yield {"title": ": ".join(filter(None, titles)), "body": body, "chapter": chapter}
        yield from sections(child, chapter, titles)


def size_of(document):
    return len(json.dumps(document, ensure_ascii=False).encode())


def selection(candidates):
    """As much as the size limit allows: short documents all, long ones the more rarely the longer they are.

    Chance is the hash of a document, so it is the same every time. Each chapter keeps its first document.
    """
    chapters = set()
    weighed = []
    for document in candidates:
        chance = crc32(document["body"].encode()) / 2**32
        first_of_chapter = document["chapter"] not in chapters
        chapters.add(document["chapter"])
        weighed.append((0 if first_of_chapter else size_of(document) * chance, document))

    def total_size(weight):
        return sum(size_of(document) for own_weight, document in weighed if own_weight <= weight)

    weight = bisect_right(range(100_000), SIZE_LIMIT, key=total_size) - 1
    return [document for own_weight, document in weighed if own_weight <= weight]


def main():
    for number, document in enumerate(selection(documents(Manual(Path(sys.argv[1])))), start=1):
        print(json.dumps({"id": number} | document, ensure_ascii=False))


if __name__ == "__main__":
    main()
