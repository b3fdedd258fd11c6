"""A site as Sphinx writes it, of a few lines, to publish in tests; and a server for it."""

import functools
import time
from contextlib import AbstractContextManager
from pathlib import Path

import serve
from serve import SiteHandler

HEAD = """<!DOCTYPE html>
<html lang="{language}" data-content_root="./" data-theme="auto">
<head>
<meta charset="utf-8"><title>{title}</title>
<script data-cfasync="false">
  document.documentElement.dataset.mode = localStorage.getItem("mode") || "auto";
</script>
<link rel="preload" as="script" href="_static/scripts/theme.js">
<link rel="stylesheet" href="_static/theme.css?v=1">
<link rel="stylesheet" href="_static/page.css?v=2">
<script src="_static/documentation_options.js?v=3"></script>
<script src="_static/copybutton.js"></script>
<script defer data-terms="terms.js" src="_static/cards.js?v=4"></script>
<script>OPTIONS.hint = "{hint}";</script>
<link rel="icon" href="_static/favicon.svg">
</head>
<body>
"""
MENU = '<div class="menu" data-src-later="_static/late.js?v=5"></div>'
CSS = """@charset "utf-8";
@import "basic.css";
@font-face { font-family: Unused; src: url(font.woff2) }
:root { --used: #123; --unused: #456; --only-by-unused: var(--unused) }
/* a comment */
.shown, .never { color: var(--used); background: url("dot.svg") }
.never > a, .shown:not(.never) { margin: 0 auto }
.menu.open:hover::before { content: "a,  b" }
@media (min-width: 10px) { .never { color: red } .shown { color: blue } }
@keyframes turn { from { opacity: 0 } to { opacity: 1 } }
@keyframes unread { to { opacity: 1 } }
.shown { animation: turn 1s }
"""
HINTS = {"en": "Show", "ko": "보기"}


def write(folder: Path, *, text: str = "first") -> Path:
    """Write what Sphinx would; ``text`` stands on the pages."""
    for language, hint in HINTS.items():
        static = folder / language / "_static"
        static.mkdir(parents=True)
        (static / "theme.css").write_text(CSS)
        (static / "basic.css").write_text("p { margin: 1em } blink { color: red }")
        (static / "page.css").write_text(f"/* {text} */ .shown {{ padding: {len(text)}px }}")
        (static / "font.woff2").write_bytes(b"no page uses it, so that nobody reads it")
        (static / "dot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        (static / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        (static / "theme.css.map").write_text("{}")
        options = f'"use strict";\nvar OPTIONS = {{language: "{language}"}};'
        (static / "documentation_options.js").write_text(options)
        (static / "copybutton.js").write_text("document.body.dataset.copied = 1;")
        (static / "terms.js").write_text(f"OPTIONS.terms = '{language} {text}';")
        (static / "cards.js").write_text(
            """(() => {
              const { terms } = document.currentScript.dataset;
              OPTIONS.address = new URL(terms, document.currentScript.src).href;
              document.querySelector(".menu")?.classList.add("open");
              OPTIONS.late = `${document.documentElement.dataset.content_root}_static/late.js`;
            })();
            //# sourceMappingURL=cards.js.map
            """
        )
        (static / "late.js").write_text("OPTIONS.loaded = true;")
        for name in ("index", "other", "search"):
            code = "<div class='highlight'><pre>1</pre></div>" if name == "other" else ""
            body = f'<p class="shown">{name} {text}</p>{MENU}{code}</body></html>'
            page = HEAD.format(language=language, title=name, hint=hint) + body
            (folder / language / f"{name}.html").write_text(page)
        (folder / language / "_search").mkdir()
        (folder / language / "_search" / "index.js").write_text(f"// {text}")
    link = '<!DOCTYPE html><html lang="en"><head><title>{0}</title></head><body>{0}</body></html>'
    for name in ("index", "404", "offline"):
        (folder / f"{name}.html").write_text(link.format(name))
    return folder


class Handler(SiteHandler):
    """Serves a folder that tests exchange."""

    def __init__(self, *arguments: object, state: dict, **options: object) -> None:
        self.state = state
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:  # noqa: N802 (the name is http.server's)
        self.directory = str(self.state["folder"])  # a connection may outlive a folder
        if self.path.endswith(".html"):
            time.sleep(self.state.get("delay", 0))
        del self.headers["If-Modified-Since"]  # both builds are of the same second
        super().do_GET()


def served(state: dict) -> AbstractContextManager[str]:
    """Serve ``state["folder"]``, pages ``state["delay"]`` seconds late; both may change."""
    return serve.served(handler=functools.partial(Handler, state=state))
