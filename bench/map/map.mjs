// Items that each move once a second, drawn by ours and by peers, in Chromium.
// node bench/map/map.mjs FOLDER [--items 1000,10000] [--ways heliograph,deck] [--seconds 6]
// FOLDER holds ours/ (the program and its wasm) and packages (bench/map/package.json, installed). Prints a JSON object a line.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    items: { type: 'string', default: '1000,10000,50000,100000' },
    ways: { type: 'string', default: 'nothing,heliograph,deck,setData,updateData,leaflet' },
    seconds: { type: 'string', default: '6' },
    gpu: { type: 'boolean', default: false },
    shots: { type: 'string' },
  },
});
const folder = positionals[0];
const root = new URL('../../', import.meta.url).pathname;
const here = new URL('.', import.meta.url).pathname;
const packages = join(folder, 'node_modules');
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

await build({
  entryPoints: [join(here, 'page.js')],
  bundle: true,
  format: 'esm',
  outfile: join(folder, 'page.js'),
  nodePaths: [packages],
  external: ['/ours/*'],
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'error',
});

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.json': 'application/json' };
const places = [
  ['/vendor/', join(packages, 'maplibre-gl/dist/')],
  ['/basemap/', join(root, 'public/basemap/')],
  ['/ours/', join(folder, 'ours/')],
  ['/leaflet.css', join(packages, 'leaflet/dist/leaflet.css')],
  ['/page.js', join(folder, 'page.js')],
];
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://here');
  if (pathname === '/favicon.ico') return response.writeHead(204).end();
  const place = places.find(([prefix]) => pathname.startsWith(prefix));
  const file = pathname === '/' ? join(here, 'page.html') : place && place[1] + pathname.slice(place[0].length);
  try {
    const body = await readFile(file);
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath: process.env.HELIOGRAPH_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    // Without a GPU Chromium draws WebGL in software only when it is told that it may.
    ...(values.gpu ? [] : ['--enable-unsafe-swiftshader']),
  ],
});

for (const count of values.items.split(',').map(Number)) {
  for (const way of values.ways.split(',')) {
    if (way === 'nothing' && count !== Number(values.items.split(',')[0])) continue;
    say(await measure(way, count));
  }
}
await browser.close();
server.close();

async function measure(way, count) {
  const page = await browser.newPage({ viewport: { width: 900, height: 600 } });
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  const tools = await page.context().newCDPSession(page);
  await tools.send('Performance.enable');
  const busy = async () => {
    const { metrics } = await tools.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const line = { way, items: count };
  try {
    await page.goto(url);
    await page.waitForFunction(() => window.begin);
    await page.evaluate(([way, count]) => window.begin(way, count), [way, way === 'nothing' ? 0 : count]);
    await page.waitForTimeout(2_500);
    const [before, work] = [await page.evaluate(() => window.state()), await busy()];
    await page.waitForTimeout(Number(values.seconds) * 1_000);
    const [after, worked] = [await page.evaluate(() => window.state()), await busy()];
    const seconds = (after.at - before.at) / 1000;
    line.frames_per_s = round((after.frames - before.frames) / seconds);
    line.longest_frame_ms = round(after.longest_ms);
    line.main_ms_per_s = round(((worked.TaskDuration - work.TaskDuration) * 1000) / seconds);
    line.heap_mb = round(worked.JSHeapUsedSize / 1e6);
    line.moves_per_s = round(((after.steps - before.steps) * count) / 20 / seconds);
    if (after.drawn !== undefined) Object.assign(line, { drawn: after.drawn, dots: after.dots });
    if (values.shots) await page.screenshot({ path: join(values.shots, `${way}-${count}.png`) });
    if (way === 'heliograph') {
      // Everything has arrived after the longest glide.
      await page.evaluate(() => window.rest());
      await page.waitForTimeout(6_000);
      const still = await page.evaluate(() => window.state());
      await page.waitForTimeout(2_000);
      line.idle_frames = (await page.evaluate(() => window.state())).frames - still.frames;
    }
  } catch (error) {
    errors.push(error.message);
  }
  if (errors.length > 0) line.errors = errors.slice(0, 3);
  await page.close();
  return line;
}

function round(number) {
  return Math.round(number * 10) / 10;
}
