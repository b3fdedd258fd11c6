/* The search of a built language, from the command line: no browser, no server.
 *
 *     node headless.mjs _build/site/ko < queries.txt      (one query on each line)
 *     node headless.mjs _build/site/ko 어텐션 "causal mask"
 *
 * Prints for each query one line of JSON: {query, ms, results: [{docname, anchor, score, title}],
 * suggestions, missing}. `open(folder)` gives the engine to another program.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";

/** The engine of a language's folder. */
export async function open(folder) {
  const context = vm.createContext({ console });
  const load = async (path) => {
    vm.runInContext(readFileSync(join(folder, decodeURIComponent(path)), "utf-8"), context);
  };
  await load("_static/korean-search-words.js");
  await load("_static/korean-search-engine.js");
  return context.KoreanSearch.start(load);
}

export async function ask(engine, query) {
  const begin = performance.now();
  const { results, suggestions, missing } = await engine.search(query);
  return {
    query,
    ms: Number((performance.now() - begin).toFixed(2)),
    results: results.map(({ docname, anchor, score, title }) => ({ docname, anchor, score, title })),
    suggestions,
    missing,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, ...asked] = process.argv.slice(2);
  const queries = asked.length ? asked : readFileSync(0, "utf-8").split("\n").filter(Boolean);
  const engine = await open(folder);
  for (const query of queries) console.log(JSON.stringify(await ask(engine, query)));
}
