"""Measure the translator that runs in the page: does it write what Python does, and how fast?

In a real Chromium, from a file, with the program and the model that the site ships. For the times
the browser slows itself down to a quarter (``--throttle 4``), which is about a cheap phone.
"""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import torch
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.__main__ import RECORDS
from jumok.browser import DATE_MODEL, shipped_date_translator
from jumok.data.dates import date_pairs
from jumok.data.tokenizer import END_ID, START_ID
from jumok.decoding import beam_search, greedy_decode
from jumok.records import write_record
from jumok.translation import Translator

ROOT = Path(__file__).resolve().parent.parent
BEAM = 4

AGREE = """async ({dates, beamSize}) => {
    const translator = await TransformerRuntime.readModel(TransformerRuntime.models.dates);
    const found = {greedy: 0, beams: 0, difference: 0};
    for (const {text, greedy, logits, beams} of dates) {
        const one = (await TransformerRuntime.translate(text, translator, {beamSize: 1})).beams;
        const [best] = one.at(-1);
        found.greedy += JSON.stringify(best.ids) === JSON.stringify(greedy);
        best.logits.forEach((row, i) => row.forEach((value, j) => {
            found.difference = Math.max(found.difference, Math.abs(value - logits[i][j]));
        }));
        const all = (await TransformerRuntime.translate(text, translator, {beamSize})).beams;
        const ids = all.at(-1).map((hypothesis) => hypothesis.ids);
        found.beams += JSON.stringify(ids) === JSON.stringify(beams);
    }
    return found;
}"""

TIME = """async ({texts, beamSize}) => {
    const translator = await TransformerRuntime.readModel(TransformerRuntime.models.dates);
    const times = [];
    for (const text of texts) {
        times.push(...await TransformerRuntime.timed(text, translator, {beamSize}));
        await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return times;
}"""

WATCH = """
globalThis.longest = 0;
new PerformanceObserver((list) => {
    for (const task of list.getEntries()) longest = Math.max(longest, task.duration);
}).observe({type: "longtask", buffered: true});
document.addEventListener("DOMContentLoaded", () => {
    const host = document.querySelector(".transformer-runtime");
    new MutationObserver(() => { globalThis.firstResult ??= performance.now(); })
        .observe(host, {attributeFilter: ["class"]});
});
"""


def write_page(folder: Path) -> Path:
    """A page with a translator, as the extension writes it."""
    from sphinx_transformer_runtime.directive import place
    from sphinx_transformer_runtime.files import HERE, model_script, program

    static = HERE / "static" / "page"
    for path in static.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "program.js").write_text(program(), encoding="utf-8")
    (folder / "model.js").write_text(model_script("dates", DATE_MODEL), encoding="utf-8")
    host = place("program.js", "model.js", model="dates", examples=["2031년 7월 9일 수요일"])
    page = folder / "index.html"
    page.write_text(
        '<!doctype html><meta charset="utf-8"><title>Dates</title>'
        '<link rel="stylesheet" href="transformer-runtime.css">'
        f'<script defer src="transformer-runtime-loader.js"></script>{host}',
        encoding="utf-8",
    )
    return page


def first_result(page: Page, address: str) -> dict[str, float]:
    """Milliseconds from the end of loading to the first translation, and the longest task."""
    page.goto(address)
    page.wait_for_function("globalThis.firstResult !== undefined", timeout=60_000)
    loaded = "performance.getEntriesByType('navigation')[0].loadEventEnd"
    found: dict[str, float] = page.evaluate(
        f"({{after_load: firstResult - {loaded}, longest_task: longest}})"
    )
    return found


def expected(translator: Translator, text: str) -> dict[str, Any]:
    """What Python computes of a text."""
    source = torch.tensor([translator.source_tokenizer.encode(text)])
    limits = {"start_id": START_ID, "end_id": END_ID}
    length = translator.model.config.max_length
    greedy = greedy_decode(translator.model, source, max_length=length, **limits)[0].tolist()
    beams, _ = beam_search(
        translator.model, source, beam_size=BEAM, max_length=length, return_beams=True, **limits
    )
    with torch.no_grad():
        logits = translator.model(source, torch.tensor([[START_ID, *greedy[:-1]]]))[0]
    cut = [ids[: ids.index(END_ID) + 1] if END_ID in ids else ids for ids in beams[0].tolist()]
    return {"text": text, "greedy": greedy, "beams": cut, "logits": logits.tolist()}


def agreement(page: Page, count: int) -> dict[str, Any]:
    """On held-out dates of both directions: equal tokens, equal beams, the largest difference."""
    translator = shipped_date_translator()
    pairs = [
        pair
        for direction in ("ko-en", "en-ko")
        for pair in date_pairs("held-out", direction, count=count)
    ]
    total = {"greedy": 0, "beams": 0, "difference": 0.0}
    for start in range(0, len(pairs), 50):
        dates = [expected(translator, pair.source) for pair in pairs[start : start + 50]]
        found = page.evaluate(AGREE, {"dates": dates, "beamSize": BEAM})
        total["greedy"] += found["greedy"]
        total["beams"] += found["beams"]
        total["difference"] = max(total["difference"], found["difference"])
    return {
        "dates": len(pairs),
        "same_tokens": total["greedy"],
        "same_beams": total["beams"],
        "largest_logit_difference": total["difference"],
    }


def sizes() -> dict[str, Any]:
    """Lines of what computes, and bytes of all that a page loads."""
    from sphinx_transformer_runtime.files import COMPUTING, HERE, model_script, program

    folder = HERE / "static" / "runtime"
    return {
        "lines": {
            name: len((folder / name).read_text(encoding="utf-8").splitlines())
            for name in COMPUTING
        },
        "program_bytes": len(program().encode()),
        "model_bytes": len(model_script("dates", DATE_MODEL).encode()),
    }


def timing(page: Page, session: CDPSession, address: str, arguments: argparse.Namespace) -> Any:
    """Times of a browser that slows itself down.

    Of the loads the quickest counts: what else the machine does can only add to it.
    """
    session.send("Emulation.setCPUThrottlingRate", {"rate": arguments.throttle})
    starts = [first_result(page, address) for _ in range(arguments.repeat)]
    texts = [pair.source for pair in date_pairs("held-out", count=arguments.timed)]
    tokens = {size: page.evaluate(TIME, {"texts": texts, "beamSize": size}) for size in (1, BEAM)}
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return {
        "throttle": arguments.throttle,
        "first_result_milliseconds": round(min(start["after_load"] for start in starts), 1),
        "longest_task_milliseconds": round(min(start["longest_task"] for start in starts), 1),
        "token_milliseconds_greedy": round(median(tokens[1]), 2),
        "token_milliseconds_beam": round(median(tokens[BEAM]), 2),
        "tokens": len(tokens[BEAM]),
    }


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runtime", description=__doc__)
    parser.add_argument("--throttle", type=float, default=4, help="how much slower (default: 4)")
    parser.add_argument("--count", type=int, default=500, help="dates of each direction to compare")
    parser.add_argument("--timed", type=int, default=50, help="dates to time (default: 50)")
    parser.add_argument("--repeat", type=int, default=10, help="loads to time (default: 10)")
    parser.add_argument("--browser", default="/usr/bin/chromium", help="the Chromium to start")
    parser.add_argument("--record", type=Path, default=RECORDS / "browser_runtime.json")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        address = write_page(Path(folder)).as_uri()
        options = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=arguments.browser, args=options)
        page = browser.new_page()
        page.add_init_script(WATCH)
        times = timing(page, page.context.new_cdp_session(page), address, arguments)
        results = {
            **agreement(page, arguments.count),
            "beam_size": BEAM,
            **times,
            **sizes(),
            "browser": f"Chromium {browser.version}",
        }
        browser.close()
    write_record(arguments.record, results)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
