"""From what Sphinx wrote to what is hosted: shared files once, small, under long-lived names.

`publish` reads the folders of all languages and writes the site.  Nothing here knows the book:
what it knows of the theme and the extensions is in ``settings.toml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

from .errors import PublishError
from .fonts import characters_of_strings, subset_font, wanted_characters
from .hosting import headers_file
from .markup import Edits, Tag, tags, write_tag
from .offline import NAME as WORKER
from .offline import write_worker
from .scripts import Script, Scripts
from .store import FOLDER, Store
from .stylesheets import Block, Sheet, drop_unread
from .usage import Usage

SETTINGS = tomllib.loads((Path(__file__).parent / "settings.toml").read_text(encoding="utf-8"))

#: A script of more bytes is data: what it holds are no names of classes.
LARGEST_PROGRAM = 200_000

#: What Sphinx leaves for itself, or what is published under another name.
NOT_HOSTED = {"_static", "_sources", "jupyter_execute", ".buildinfo", ".buildinfo.bak"}


@dataclass
class Page:
    """A page as Sphinx wrote it."""

    path: Path
    name: str
    language: str  # "" for those of the root
    text: str
    tree: html.HtmlElement
    tags: list[Tag] = field(default_factory=list)

    @property
    def to_root(self) -> str:
        return "../" * self.name.count("/")

    def stays(self, tag: Tag) -> bool:
        """Whether a script's place in the text means something: one that stands in an output."""
        return "src" not in tag.attributes and tag.start > self.text.find("<body")


class Publisher:
    """One run: reads a folder, keeps what pages need, writes the site."""

    def __init__(self, raw: Path, site: Path, base_path: str) -> None:
        self.raw, self.site, self.base_path = raw, site, base_path
        self.store = Store()
        self.scripts = Scripts(SETTINGS["scripts"], self.store)
        self.pages = [self.read(path) for path in sorted(raw.rglob("*.html")) if self.hosted(path)]
        self.usage = Usage()
        self.fonts: dict[Path, str] = {}

    def hosted(self, path: Path) -> bool:
        return not NOT_HOSTED & set(path.relative_to(self.raw).parts)

    def read(self, path: Path) -> Page:
        name = path.relative_to(self.raw).as_posix()
        language = name.split("/")[0] if "/" in name else ""
        text = path.read_text(encoding="utf-8")
        return Page(path, name, language, text, html.fromstring(text), list(tags(text)))

    def local(self, page: Page, address: str) -> Path | None:
        """The file that an address of a page means; none if it isn't one of a static folder."""
        if re.match(r"[a-z][a-z0-9+.-]*:|//|#", address, re.IGNORECASE):
            return None
        path = unquote(urlsplit(address).path)
        if path.startswith(self.base_path):
            file = self.raw / path.removeprefix(self.base_path)
        else:
            file = (page.path.parent / path).resolve()
        return file if file.is_file() and "_static" in file.parts else None

    def assets(self, page: Page) -> str:
        """How a page reaches the shared folder; 404.html has no place of its own."""
        start = self.base_path if page.name == "404.html" else page.to_root
        return f"{start}{FOLDER}/"

    def published(self, path: Path) -> str:
        """The long-lived name of a file of a static folder."""
        if path.suffix == ".css":
            blocks = Sheet(path).blocks(self.usage, self.address_in_stylesheet)
            return self.store.add(path.name, "".join(map(str, blocks)))
        static = next(each for each in path.parents if each.name == "_static")
        return self.scripts.publish(path, static)

    # -- scripts -----------------------------------------------------------------------------

    def collect_scripts(self) -> None:
        for page in self.pages:
            if page.language:
                self.scripts.of_pages[page.name] = self.scripts_of(page)

    def scripts_of(self, page: Page) -> dict[Script, dict[str, str]]:
        static = self.raw / page.language / "_static"
        found = {}
        for tag in page.tags:
            if not tag.is_script or page.stays(tag):
                continue
            try:
                read = self.scripts.read(tag, page.path.parent, static)
            except PublishError as error:
                raise PublishError(f"{page.name}: {error}") from error
            if read is None:
                continue
            script, data = read
            needs = SETTINGS["scripts"]["needs"].get(script.name)
            if not needs or page.tree.cssselect(needs):
                found[script] = data
        return {**found, self.scripts.own("offline.js"): {}}

    # -- styles ------------------------------------------------------------------------------

    def look_at_pages(self) -> None:
        for page in self.pages:
            self.usage.add_page(page.tree)
            for tag in page.tags:
                if tag.name == "script" and not (page.language and tag.is_script):
                    self.usage.add_script(tag.content)  # data, too, may hold names and maths
                    path = self.local(page, tag.attributes.get("src", ""))
                    if path:
                        self.published(path)
        for path in self.loaded_later():
            self.usage.add_script(path.read_text(encoding="utf-8"))
        for path in self.raw.glob("*.js"):
            self.usage.add_script(path.read_text(encoding="utf-8"))
        for script in set().union(*self.scripts.of_pages.values()):
            self.usage.add_script(script.text)
        for name, content in self.store.files.items():
            if name.endswith(".js"):
                self.usage.add_script(content.decode())

    def loaded_later(self) -> set[Path]:
        """Scripts that wait in some data-… for a reader who wants them; large ones are data."""
        address = re.compile(r"""\sdata-[\w-]+="([^"\s]*\b_static/[^"\s]+\.js)\"""")
        found = {
            self.local(page, unescape(each))
            for page in self.pages
            for each in address.findall(page.text)
        }
        return {path for path in found if path and path.stat().st_size < LARGEST_PROGRAM}

    def stylesheet(self) -> str:
        """One stylesheet for all pages, in the order in which pages name theirs."""
        order: list[Path] = []
        seen: dict[bytes, Path] = {}
        for page in self.pages:
            at = 0
            for tag in page.tags:
                path = self.local(page, tag.attributes.get("href", ""))
                if not (page.language and tag.is_stylesheet and path):
                    continue
                path = seen.setdefault(path.read_bytes(), path)
                if path in order:
                    at = order.index(path) + 1
                else:
                    order.insert(at, path)
                    at += 1
        blocks: list[Block] = []
        for path in order:
            blocks += Sheet(path).blocks(self.usage, self.address_in_stylesheet)
        blocks = drop_unread(self.drop_unused_fonts(drop_unread(blocks, self.usage)), self.usage)
        text = "".join(map(str, blocks))
        strings = characters_of_strings(blocks)
        for path, mark in self.fonts.items():
            if mark in text:
                content = subset_font(path, wanted_characters(path, self.usage, strings))
                text = text.replace(mark, self.store.add(path.name, content))
        return self.store.add("site.css", text)

    def address_in_stylesheet(self, address: str, sheet: Path) -> str:
        if re.match(r"data:|#|https?:|//", address):
            return address
        path = (sheet.parent / unquote(urlsplit(address).path)).resolve()
        if not path.is_file():
            raise PublishError(f"{sheet.name}: no file {address}")
        if path.suffix == ".woff2":  # cut down when it is known what it has to draw
            return self.fonts.setdefault(path, f"font-{len(self.fonts)}-to-be.woff2")
        return self.store.add(path.name, path.read_bytes())

    @staticmethod
    def drop_unused_fonts(blocks: list[Block]) -> list[Block]:
        """Leave out fonts of a family that no rule names."""

        def plain(text: str) -> str:
            return re.sub(r"""["'\\]""", "", text)

        named = plain(
            "\n".join(
                each.value
                for block in blocks
                if block.head != "@font-face"
                for each in block.declarations()
            )
        )

        def wanted(block: Block) -> bool:
            family = [d.value for d in block.declarations() if d.name == "font-family"]
            return block.head != "@font-face" or plain(family[0]) in named

        return [block for block in blocks if wanted(block)]

    # -- pages -------------------------------------------------------------------------------

    def write_pages(self) -> dict[str, str]:
        css = self.stylesheet()
        bundles = self.scripts.bundles()
        return {page.name: self.write(page, css, bundles.get(page.name)) for page in self.pages}

    def write(self, page: Page, css: str, scripts) -> str:
        edits, assets = Edits(page.text), self.assets(page)
        styled = started = False
        for tag in page.tags:
            if scripts and tag.is_stylesheet and self.local(page, tag.attributes["href"]):
                link = write_tag("link", {"rel": "stylesheet", "href": assets + css})
                edits.replace(tag, "" if styled else link)
                styled = True
            elif tag.name == "link" and "preload" in tag.relations:
                edits.replace(tag)
            elif tag.name == "style":
                name = self.store.add("page.css", tag.content.strip() + "\n")
                edits.replace(tag, write_tag("link", {"rel": "stylesheet", "href": assets + name}))
            elif tag.is_script and scripts and not page.stays(tag):
                start = f"{write_tag('script', {'src': assets + scripts[0]})}</script>"
                edits.replace(tag, "" if started else start)
                started = True
            elif tag.is_script and "src" not in tag.attributes:
                name = self.store.add("page.js", tag.content.strip() + "\n")
                kept = {k: v for k, v in tag.attributes.items() if k != "src"}
                element = write_tag("script", {"src": assets + name, **kept})
                edits.replace(tag, f"{element}</script>")
        if scripts:
            end = page.text.rindex("</body>")
            for name, data in scripts[1]:
                element = write_tag("script", {"src": assets + name, **data})
                edits.insert(end, f"{element}</script>\n")
        return self.name_files(page, edits.apply(), assets)

    def name_files(self, page: Page, text: str, assets: str) -> str:
        """Give pictures and other files of static folders their long-lived names."""

        def rename(found: re.Match[str]) -> str:
            address = unescape(found[2])
            if re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE):
                return found[0]
            path = self.local(page, address)
            if path is None:
                raise PublishError(f"{page.name}: no file {address}, which {found[1]} names")
            return f'{found[1]}="{assets}{self.published(path)}"'

        # Any attribute: scripts find what they load later in some data-….
        return re.sub(r'(?<=\s)([\w-]+)="([^"\s]*\b_static/[^"\s]+)"', rename, text)

    def run(self) -> None:
        self.collect_scripts()
        self.look_at_pages()
        files = {name: text.encode() for name, text in self.write_pages().items()}
        files["_headers"] = headers_file().encode()
        files[".nojekyll"] = b""  # GitHub Pages would leave out folders such as _search
        others = (path for path in self.raw.rglob("*") if path.is_file() and self.hosted(path))
        for path in others:
            files.setdefault(path.relative_to(self.raw).as_posix(), path.read_bytes())
        files |= {f"{FOLDER}/{name}": content for name, content in self.store.files.items()}
        languages = sorted({page.language for page in self.pages} - {""})
        files[WORKER] = write_worker(files, languages, self.store)
        files |= {f"{FOLDER}/{name}": content for name, content in self.store.files.items()}
        write_folder(self.site, files)


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Let a folder hold these files and no others; what is already right isn't touched."""
    for path in sorted(folder.rglob("*"), reverse=True) if folder.exists() else ():
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


def publish(raw: Path, site: Path, *, base_path: str) -> None:
    """Write the site from what Sphinx wrote for each language, and what lies beside it.

    ``base_path`` is the path of the site's address, for the page of lost readers.

    Raises:
        PublishError: a page asks for a file that isn't there, or a stylesheet can't be read.
    """
    Publisher(raw.resolve(), site.resolve(), base_path).run()
