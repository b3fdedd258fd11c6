/* Reading without a network. SITE, before this, says what the site holds:
   {version, shell: {path: digest}, books: {language: path of a list like shell}}.

   - Pages and their data come from the network, so that nobody is stuck with an old one; from the
     cache if there is no answer, or none in three seconds.
   - Files in assets/ have their digest in their name: what is in a cache is right for ever.
   - Each build has a cache of its own. It is filled with what has the right digest, or not at all;
     the one before is deleted when no page of it is open any more. */
"use strict";

const SCOPE = self.registration.scope;
const NAME = `${SCOPE}#${SITE.version}`; // caches belong to the origin, which may hold other sites
const PATIENCE = 3000; // ms
const DIGEST = "x-digest";

const pathOf = (address) => {
  const path = new URL(address, SCOPE).href.split(/[?#]/)[0].slice(SCOPE.length);
  return path === "" || path.endsWith("/") ? `${path}index.html` : path;
};
const keyOf = (address) => SCOPE + pathOf(address);
const isAsset = (address) => pathOf(address).startsWith("assets/");
const ownCaches = async () => (await caches.keys()).filter((name) => name.startsWith(`${SCOPE}#`));

const digestOf = async (body) => {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 20);
};

/* What a cache holds under an address: this build's first. */
const find = async (address) => {
  const names = await ownCaches();
  for (const name of [NAME, ...names.filter((each) => each !== NAME)]) {
    const found = names.includes(name) && (await (await caches.open(name)).match(keyOf(address)));
    if (found) return found;
  }
  return undefined;
};

const keep = async (address, answer, digest) => {
  const body = await answer.arrayBuffer();
  const given = await digestOf(body);
  if (digest && digest !== given) throw new Error(`${address} is of another build`);
  const headers = new Headers(answer.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  headers.set(DIGEST, given);
  const cache = await caches.open(NAME);
  await cache.put(keyOf(address), new Response(body, { headers }));
};

/* Put a file of this build into its cache: from the cache before, if it hasn't changed. */
const fetchAndKeep = async (address, digest) => {
  const before = await find(address);
  if (before && (isAsset(address) || before.headers.get(DIGEST) === digest)) {
    await (await caches.open(NAME)).put(keyOf(address), before);
    return;
  }
  // A server that goes by dates may call a file unchanged that an older build has brought back.
  const cache = isAsset(address) ? "default" : digest ? "reload" : "no-cache";
  const answer = await fetch(keyOf(address), { cache });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  await keep(address, answer, digest);
};

const fill = async (files) => {
  for (const [path, digest] of Object.entries(files)) await fetchAndKeep(path, digest);
};

const fromCache = async (request) => {
  const found = await find(request.url);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await keep(request.url, answer.clone());
  return answer;
};

/* A page for those without network who ask for a page that isn't kept, wherever they are. */
const nothing = async (request) => {
  const page = request.mode === "navigate" && (await find("offline.html"));
  if (!page) return Response.error();
  const text = (await page.text()).replace("<head>", `<head><base href="${SCOPE}">`);
  return new Response(text, { status: 503, headers: { "content-type": "text/html; charset=utf-8" } });
};

const fromNetwork = async (event) => {
  const { request } = event;
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok && answer.type === "basic" && !answer.redirected) {
      event.waitUntil(keep(request.url, answer.clone()).catch(() => {}));
    }
    return answer;
  });
  asked.catch(() => {}); // who comes too late is not missed
  const found = await find(request.url);
  if (!found) return asked.catch(() => nothing(request));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, found));
  return Promise.race([asked.catch(() => found), late]);
};

self.addEventListener("install", (event) => {
  event.waitUntil(fill(SITE.shell));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await ownCaches()) if (name !== NAME) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(SCOPE)) return;
  event.respondWith(isAsset(request.url) ? fromCache(request) : fromNetwork(event));
});

const visited = async (addresses) => {
  const cache = await caches.open(NAME);
  for (const address of addresses.filter((each) => each.startsWith(SCOPE))) {
    if (!(await cache.match(keyOf(address)))) await fetchAndKeep(address).catch(() => {});
  }
};

/* All pages of a language. What is of another build already is left for the next worker. */
const book = async (language) => {
  const list = SITE.books[language];
  if (!list) return;
  const answer = (await find(list)) ?? (await fetch(SCOPE + list));
  if (!answer.ok) return;
  const cache = await caches.open(NAME);
  for (const [path, digest] of Object.entries(await answer.json())) {
    if (!(await cache.match(keyOf(path)))) await fetchAndKeep(path, digest).catch(() => {});
  }
};

self.addEventListener("message", (event) => {
  if (event.data.visited) event.waitUntil(visited(event.data.visited));
  if (event.data.keep) event.waitUntil(book(event.data.keep));
});
