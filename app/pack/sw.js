// The service worker of the static site: it keeps the site's own files, so that a board opens without a network. It never keeps
// an answer of the server; what a board's page saw last it keeps by itself (app/src/client/last.rs).
//
// Files have a hash in their name: what is kept is right for ever. A page is asked for each time, and the kept one is shown
// where the network does not answer. Files of the version before stay until no page is left that was opened with it.

const version = 'VERSION';
const files = [/* FILES */];
const SHELL = `heliograph-shell-${version}`;
/** Pages and files that were opened besides, of every version. */
const VISITED = 'heliograph-visited';
const VISITED_MAX = 60;
/** A page of a board, when its own was never opened. */
const BOARD = '/index.html';
/** How long a page may take to come, in milliseconds, where there is a kept one. */
const PATIENCE = 4000;

const isHashed = (path) => /-[0-9a-f]{12,16}(?:_bg)?\.\w+$/.test(path);
/** Pages for frames are the server's. */
const isOurs = (url) => url.origin === location.origin && !url.pathname.startsWith('/v1/') && !url.pathname.startsWith('/embed');

addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const shell = await caches.open(SHELL);
      // What the page just loaded comes from the browser's own cache.
      await shell.addAll(files);
      await shell.add(new Request(BOARD, { cache: 'no-cache' }));
      await skipWaiting();
    })(),
  );
});

addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const old = (await caches.keys()).filter((name) => name.startsWith('heliograph-shell-') && name !== SHELL);
      // One before stays: pages that are open still load from it.
      for (const name of old.slice(0, -1)) await caches.delete(name);
      await clients.claim();
    })(),
  );
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || request.headers.has('range') || !isOurs(url)) return;
  if (request.mode === 'navigate') event.respondWith(page(request, url));
  else if (isHashed(url.pathname)) event.respondWith(file(event, request));
});

/** What has a hash in its name is taken from where it is found first. */
async function file(event, request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) event.waitUntil(keep(request, answer.clone()));
  return answer;
}

/** A page from the network; the kept one where that does not answer. */
async function page(request, url) {
  const name = nameOf(url);
  const kept = (await caches.match(name)) ?? (isBoards(name) ? await caches.match(BOARD) : undefined);
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await keep(name, answer.clone());
    return answer;
  });
  if (!kept) return fresh;
  const late = new Promise((done) => setTimeout(done, PATIENCE, kept));
  return Promise.race([fresh, late]).catch(() => kept);
}

/** All boards have the same pages: which of them were opened is not noted. */
const nameOf = ({ pathname }) => pathname.replace(/^\/b\/[^/]+/, '/b/-').replace(/(.)\/$/, '$1');
/** The start has the page of boards as well. */
const isBoards = (name) => ['/', '/b/-', '/b/-/map'].includes(name);

async function keep(request, answer) {
  const visited = await caches.open(VISITED);
  await visited.put(request, answer);
  const all = await visited.keys();
  for (const old of all.slice(0, Math.max(0, all.length - VISITED_MAX))) await visited.delete(old);
}
