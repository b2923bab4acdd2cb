// Ten boards in one page of another site: what they weigh, and what they cost while nothing happens.
// Runs alone: it measures memory and processor time.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';

import { openEmbeds } from './support/embeds.mjs';
import { usage } from './support/processes.mjs';
import { buses, publish, until } from './support/site.mjs';

const FRAMES = 10;
/** Of memory, for one of ten: the goal of the project. */
const MOST_BYTES = 60e6;
const SETTLE_MS = 8_000;
const IDLE_MS = 20_000;

describe('ten embeds on one page', { timeout: 600_000 }, () => {
  let site, host, call, element, open, frames, close;
  before(async () => {
    ({ site, host, call, element, open, frames, close } = await openEmbeds());
    await call('/v1/boards/cup', {
      title: 'Cup',
      visibility: 'public',
      scores: { columns: [{ name: 'points', op: 'sum', field: 'points', direction: 'desc' }] },
      embed: { sites: [host.url] },
    });
    const fleet = await call('/v1/boards/fleet', null, 'GET');
    await call('/v1/boards/fleet', { ...fleet, embed: { sites: [host.url] } });
    await publish(site.server, Array.from({ length: 50 }, (_, n) => ({ key: `team-${n}`, fields: { points: n } })), 'cup');
    await publish(site.server, buses(50));
  });
  after(() => close?.());

  /** A page with these boards in it, all of them in the window and settled: what the browser takes then, and in rest. */
  const measured = async (body, boards) => {
    const sockets = [];
    const opened = await open('<p>A page.</p>', { options: { viewport: { width: 1200, height: 4_000 } } });
    opened.on('websocket', (socket) => sockets.push(socket));
    await opened.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), body);
    await until('all boards to be there', async () => {
      const ready = await opened.evaluate(() => window.heard.filter(([type]) => type === 'ready').length);
      return ready === boards;
    }, 120_000);
    assert.equal(frames(opened).length, boards);
    await sleep(SETTLE_MS);
    const begin = await usage(site.browser);
    const began = performance.now();
    await sleep(IDLE_MS);
    const end = await usage(site.browser);
    const percent = ((end.seconds - begin.seconds) * 100_000) / (performance.now() - began);
    assert.deepEqual(opened.faults, []);
    const connections = sockets.filter((socket) => !socket.isClosed()).length;
    await opened.context().close();
    return { bytes: end.bytes, processes: end.processes, percent, sockets: connections };
  };

  test('ten take less than 60 MB each', async (t) => {
    const boards = Array.from({ length: FRAMES }, (_, n) =>
      n % 2 === 0 ? element('cup', '', 'widget=scoreboard&top=5') : element('fleet', '', 'widget=table&top=5'),
    ).join('');
    const none = await measured('', 0);
    const ten = await measured(boards, FRAMES);
    const each = (ten.bytes - none.bytes) / FRAMES;
    const percent = ten.percent - none.percent;
    t.diagnostic(
      `each of ${FRAMES}: ${(each / 1e6).toFixed(1)} MB; idle ${percent.toFixed(1)} % of a processor; ${ten.processes - none.processes} processes and ` +
        `${ten.sockets} connections more than the page without them`,
    );
    // A browser that shows ten programs takes something: less would mean that nothing was measured.
    assert.ok(each > 200_000, `${each} bytes each`);
    assert.ok(each < MOST_BYTES, `${(each / 1e6).toFixed(1)} MB each`);
    // One connection for each frame, and none that was left behind.
    assert.ok(ten.sockets <= FRAMES, `${ten.sockets} connections`);
  });

  test('all ten tell of an event', async () => {
    const boards = Array.from({ length: FRAMES }, () => element('fleet', '', 'widget=table&columns=passengers&sort=-passengers&top=5')).join('');
    const opened = await open(boards, { options: { viewport: { width: 1200, height: 4_000 } } });
    await until('all frames', () => frames(opened).length === FRAMES);
    for (const inside of frames(opened)) await inside.getByText('bus-').first().waitFor();
    await publish(site.server, { key: 'bus-49', time: Date.now() + 1_000, fields: { passengers: 987 } });
    for (const inside of frames(opened)) await inside.getByText('987').first().waitFor({ timeout: 20_000 });
    assert.deepEqual(opened.faults, []);
  });
});
