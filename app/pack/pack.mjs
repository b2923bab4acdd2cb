// Makes the folder that a static host serves from the built site; `cargo xtask dist --site DIR` runs it.
//
//   node app/pack/pack.mjs --from dist --to DIR [--api https://live.example.com] [--effort 11]
//
// Effort is Brotli's: less for tests, which can't wait.
//
// DIR/objects/  every file under the name that it has on the host, and `.br` and `.gz` of it beside
// DIR/site.json what each object is served with; `upload.sh` and the tests read it
// DIR/upload.sh puts the objects into a bucket, pages last
//
// Files that pages load have the hash of their content in their name. Pages and what others look for by name (robots.txt) keep
// theirs. What programs ask for by name they find through the page's head (app/src/client/place.rs).

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import * as zlib from 'node:zlib';

import { icons, manifest } from './phone.mjs';
import { hashed, loadedBy } from './names.mjs';
import { page, withoutStyles } from './pages.mjs';
import { uploadScript } from './upload.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const PAGES = JSON.parse(readFileSync(join(HERE, '../site/pages.json'), 'utf8')).pages;
/** Others look for these by their names. */
const NAMED = ['robots.txt', 'llms.txt', 'openapi.json', 'openapi.d.ts'];
/** Archives of map tiles are named by boards' configs, and read in parts. */
const isNamed = (name) => NAMED.includes(name) || name.endsWith('.pmtiles');
/** The worker's own: it makes their frames' addresses and headers. */
const OF_THE_WORKER = ['embed.js', 'embed-start.js', ...PAGES.filter((one) => one.frame === 'embed').map((one) => `${one.name}.html`)];

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  wasm: 'application/wasm',
  json: 'application/json',
  webmanifest: 'application/manifest+json',
  svg: 'image/svg+xml',
  png: 'image/png',
  txt: 'text/plain; charset=utf-8',
  ts: 'text/plain; charset=utf-8',
  pmtiles: 'application/vnd.pmtiles',
};
/** What is compressed already gains nothing. The function in infra/site.yaml knows these endings too. */
const COMPRESSED = ['html', 'js', 'mjs', 'css', 'wasm', 'json', 'webmanifest', 'svg', 'txt', 'ts'];

const FOREVER = 'public, max-age=31536000, immutable';
/** A new version shows within a minute; browsers ask each time. */
const PAGE = 'public, max-age=0, s-maxage=60, must-revalidate';
const SHORT = 'public, max-age=300';

const ending = (name) => name.slice(name.lastIndexOf('.') + 1);

function options() {
  const { values } = parseArgs({ options: { from: { type: 'string' }, to: { type: 'string' }, api: { type: 'string', default: '' }, effort: { type: 'string', default: '11' } } });
  if (!values.from || !values.to) throw new Error('--from and --to are needed');
  return values;
}

/** The files of the built site by their path in it. */
function built(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const names = paths.map((one) => relative(folder, join(one.parentPath ?? one.path, one.name)));
  return new Map(names.filter((name) => !OF_THE_WORKER.includes(name)).map((name) => [name, readFileSync(join(folder, name))]));
}

/** The address of the server, as pages and policies need it. */
export function origin(text) {
  if (!text) return '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.origin !== text || !/^https?:$/.test(url.protocol)) {
    throw new Error(`--api ${text}: give the server's origin, such as https://live.example.com, without a path or a slash at the end`);
  }
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !here) throw new Error(`--api ${text}: only a server on this machine may be without TLS; give https://`);
  return text;
}

/** The folder is ours: it is emptied only when we made it. */
function emptied(folder) {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, 'site.json'))) {
    throw new Error(`--site ${folder}: it holds something else than a site; name a new or an empty folder`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'objects'), { recursive: true });
}

async function pack({ from, to, api, effort }) {
  const server = origin(api);
  const files = built(from);
  for (const { name, frame } of PAGES) {
    if (frame !== 'embed' && !files.has(`${name}.html`)) throw new Error(`${join(from, `${name}.html`)} is missing: build the site first`);
  }
  const html = new Map([...files].filter(([name]) => name.endsWith('.html')).map(([name, body]) => [name, body.toString()]));
  const named = new Map([...files].filter(([name]) => isNamed(name)));
  const loaded = new Map([...files].filter(([name]) => !html.has(name) && !named.has(name)));
  for (const [name, text] of html) html.set(name, withoutStyles(text, name, loaded));
  const pictures = await icons(files.get('favicon.svg'));
  for (const [name, body] of pictures) loaded.set(name, body);
  loaded.set('register.js', readFileSync(join(HERE, 'register.js')));
  loaded.set('heliograph.webmanifest', Buffer.from(manifest()));

  // The worker's pages for frames load these by the names that the build gave them; they have a hash as well. What has none they
  // load from the worker, also where both have one address (infra/site.yaml).
  const frames = OF_THE_WORKER.filter((name) => name.endsWith('.html')).map((name) => readFileSync(join(from, name), 'utf8'));
  const table = hashed(loaded, loadedBy(frames.join(''), loaded));
  const pages = new Map([...html].map(([name, text]) => [name, page(text, table, server)]));
  const version = createHash('sha256').update(JSON.stringify([...pages])).digest('hex').slice(0, 16);
  const worker = readFileSync(join(HERE, 'sw.js'), 'utf8')
    .replace("'VERSION'", JSON.stringify(version))
    .replace('[/* FILES */]', JSON.stringify(shell(pages.get('index.html'), table)));

  emptied(to);
  const made = [];
  const put = (path, body, cache) => made.push(written(join(to, 'objects'), path, body, cache, effort));
  for (const { path, body } of table.values()) put(path, body, FOREVER);
  for (const [name, body] of named) put(`/${name}`, body, SHORT);
  for (const [name, text] of pages) put(`/${name}`, Buffer.from(text), PAGE);
  put('/sw.js', Buffer.from(worker), PAGE);
  const objects = (await Promise.all(made)).flat();
  writeFileSync(join(to, 'site.json'), `${JSON.stringify({ api: server, version, objects }, null, 1)}\n`);
  writeFileSync(join(to, 'upload.sh'), uploadScript(objects), { mode: 0o755 });
  const bytes = (encoding) => objects.filter((one) => one.encoding === encoding).reduce((sum, one) => sum + one.size, 0);
  console.log(`${objects.length} objects for ${server || 'a server at the same address'}: ${bytes(null)} bytes, ${bytes('br')} as Brotli`);
}

/** What the page of a board needs without a network: what it loads itself, and what its program loads. */
function shell(index, table) {
  const paths = [...index.matchAll(/(?:src|href)="?(\/[^"\s>]+)/g)].map((found) => found[1]);
  const own = new Set([...table.values()].map((one) => one.path));
  const asked = [...table].filter(([name]) => /^(vendor\/(maplibre-gl|uPlot)|basemap\/(world|labels|land))/.test(name)).map(([, one]) => one.path);
  return [...new Set([...paths.filter((path) => own.has(path)), ...asked])].sort();
}

/** Writes a file and its compressed forms; what each is served with. */
async function written(folder, path, body, cache, effort) {
  const type = TYPES[ending(path)];
  if (!type) throw new Error(`${path}: no content type is known for it; add one to app/pack/pack.mjs`);
  const forms = [['', null, body]];
  if (COMPRESSED.includes(ending(path))) {
    const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
    const params = { [BROTLI_PARAM_QUALITY]: effort, [BROTLI_PARAM_SIZE_HINT]: body.length };
    const [br, gz] = await Promise.all([promisify(zlib.brotliCompress)(body, { params }), promisify(zlib.gzip)(body, { level: 9 })]);
    forms.push(['.br', 'br', br], ['.gz', 'gzip', gz]);
  }
  return forms.map(([more, encoding, bytes]) => {
    const file = join(folder, `${path}${more}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    return { path: `${path}${more}`, type, cache, encoding, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { from, to, api, effort } = options();
  await pack({ from: resolve(from), to: resolve(to), api, effort: Number(effort) }).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
