// The pages of the site with data in them: an address of every row of the table of pages, and of every widget of a frame. What
// holds for every page is tested by going through these.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ROOT, heliograph } from '../../server.mjs';
import { buses, live, publish } from './site.mjs';

const GROUPS = ['Northern Eurasia', 'Latin America and the Caribbean'];
const CUP = {
  title: 'The regional cup of programmers', visibility: 'public',
  fields: { team: { label: 'Team' } },
  scores: { columns: [
    { name: 'solved', label: 'Solved', op: 'sum', field: 'solved', direction: 'desc' },
    { name: 'time', label: 'Time', op: 'sum', field: 'time', direction: 'asc', unit: 'min' },
  ], name: 'team', groups: ['region'], everyone: true },
  sessions: { required: false },
};

const settled = (page) => page.getByRole('heading', { level: 1 }).first().waitFor();
const onMap = (page) => live(page, 10);
const console_ = async (page) => {
  await page.getByTestId('console').waitFor();
  await page.waitForLoadState('networkidle');
};
const RACE = JSON.parse(readFileSync(join(ROOT, 'boards/icpc.json'), 'utf8'));
RACE.scores.attempts.tasks = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M'].map((id) => ({ id }));

/** Addresses of every row of the site's table, and how one knows that they are there. */
export const PAGES = {
  '/': async (page) => void (await page.locator('.board-card').nth(1).waitFor()),
  '/b/fleet': onMap,
  '/b/fleet/map?tab=table': onMap,
  '/b/fleet/map?tab=top': onMap,
  '/b/fleet/map?item=bus-03': async (page) => {
    await onMap(page);
    await page.getByTestId('card').waitFor();
  },
  '/b/cup/scores': async (page) => void (await page.getByText('Team 5 of the university').first().waitFor()),
  '/b/race/contest': async (page) => void (await page.getByText('Team 5 of the university').first().waitFor()),
  '/b/over/contest?resolver=1': async (page) => {
    await page.getByTestId('stage').waitFor();
    await page.getByTestId('step').click();
    await page.locator('.grid tr.lit:not([hidden])').waitFor();
  },
  ...Object.fromEntries(
    ['', '/config', '/keys', '/links', '/embed', '/audit', '/sources', '/letters', '/pipeline', '/archive', '/sessions', '/scores', '/connections', '/alarms', '/alarm-rules', '/webhooks'].map((part) => [`/b/cup/manage${part}`, console_]),
  ),
  '/b/empty/manage': async (page) => void (await page.getByTestId('first').waitFor()),
  '/manage': console_,
  '/manage/keys': console_,
  '/manage/new': console_,
  '/manage/sign-in': console_,
  '/signed-in': async (page) => void (await page.getByTestId('not-signed-in').waitFor()),
  '/b/fleet/explore?field=passengers': async (page) => void (await page.locator('.uplot canvas').first().waitFor()),
  '/quiz': settled,
  '/quiz/lead': settled,
  '/quiz/play': settled,
  '/arena': settled,
  '/docs': settled,
  '/docs/errors': settled,
  '/b/nowhere': async (page) => void (await page.getByText('No such board').waitFor()),
  '/nothing/here': async (page) => void (await page.getByText('There is nothing at this address').waitFor()),
};

/** Fills the boards of these pages; `sites` may show those that frames have. */
export async function fillPages(server, sites = []) {
  for (const board of ['quiz', 'arena']) assert.equal(heliograph(server, ['board', 'apply', `boards/${board}.json`]).status, 0);
  const call = async (method, path, body) => {
    const headers = { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' };
    const made = await fetch(`${server.url}/v1/boards/${path}`, { method, headers, body: JSON.stringify(body) });
    assert.ok(made.ok, await made.clone().text());
  };
  await call('PUT', 'cup', CUP);
  await call('PUT', 'race', RACE);
  await call('POST', 'cup/sources', { name: 'judges-of-the-regional-cup', envelope: 'owntracks' });
  await call('POST', 'race/sessions', { id: 'final', title: 'Final' });
  await call('POST', 'race/sessions/final', { action: 'open' });
  const now = Date.now();
  for (const minutes of [20, 15, 10, 5, 0]) await publish(server, buses(10, now - minutes * 60_000));
  await publish(server, Array.from({ length: 30 }, (_, i) => ({
    id: `s${i}`, key: `t${i}`, fields: { team: `Team ${i} of the university of a long name`, region: GROUPS[i % 2], solved: i % 9, time: i * 7 },
  })), 'cup');
  await publish(server, Array.from({ length: 120 }, (_, i) => ({
    id: `r${i}`, key: `t${i % 30}`, time: now,
    fields: {
      name: `Team ${i % 30} of the university of a long name`, submission: `r${i}`, problem: 'ABCDEFGHIJKLM'[(i * 7) % 13],
      verdict: i % 3 ? 'AC' : 'WA', solved: i % 3 > 0, penalty: i % 3 === 0, minute: i,
    },
  })), 'race');
  // A contest that is over, of which a freeze hides something: what the resolver begins with.
  await call('PUT', 'over', RACE);
  await call('POST', 'over/sessions', { id: 'final', title: 'Final' });
  await call('POST', 'over/sessions/final', { action: 'open' });
  const attempt = (n, team, problem, solved) => ({
    id: `o${n}`, key: `t${team}`,
    fields: { name: `Team ${team} of the university of a long name`, submission: `o${n}`, problem, verdict: solved ? 'AC' : 'WA', solved, penalty: !solved, minute: n },
  });
  await publish(server, Array.from({ length: 30 }, (_, i) => attempt(i, i, 'A', true)), 'over');
  await call('POST', 'over/sessions/final', { action: 'freeze' });
  await publish(server, [attempt(40, 29, 'B', false), attempt(41, 29, 'B', true), attempt(42, 28, 'C', false)], 'over');
  // What was sent lies before the end.
  await sleep(50);
  await call('POST', 'over/sessions/final', { action: 'close' });
  await call('PUT', 'empty', { title: 'A board that has nothing yet', visibility: 'public' });
  for (const board of sites.length > 0 ? ['fleet', 'cup'] : []) {
    const config = await (await fetch(`${server.url}/v1/boards/${board}`, { headers: { authorization: `Bearer ${server.adminKey}` } })).json();
    await call('PUT', board, { ...config, embed: { sites } });
  }
}

/** Frames: a board and a query for every widget of the table. */
export const FRAMES = {
  scoreboard: ['cup', 'widget=scoreboard'],
  table: ['fleet', 'widget=table'],
  value: ['fleet', 'widget=value&key=bus-03&field=passengers'],
  map: ['fleet', 'widget=map&key=bus-03'],
  combined: ['fleet', 'widget=combined&key=bus-03'],
  chart: ['fleet', 'widget=chart&key=bus-03&field=passengers'],
};

/** What the table of pages and the console's own have, and the addresses here have not. */
export function missingPages() {
  const table = JSON.parse(readFileSync(join(ROOT, 'app/site/pages.json'), 'utf8'));
  const addresses = Object.keys(PAGES).map((address) => address.split('?')[0]);
  // What lies below an address need not be there: nothing does below the arena's.
  const of = (route) => new RegExp(`^${route.replace(/\/\{\*\w+\}/g, '(/.+)?').replace(/\{\w+\}/g, '[^/]+')}$`);
  const routes = table.pages.flatMap(({ routes = [] }) => routes).filter((route) => !addresses.some((address) => of(route).test(address)));
  const widgets = table.pages.flatMap(({ widgets = [] }) => widgets).filter((widget) => !FRAMES[widget]);
  // The parts of the console are no rows of the table: one program shows them all.
  const place = readFileSync(join(ROOT, 'app/src/console/place.rs'), 'utf8');
  const parts = [...place.matchAll(/^\s+Self::\w+ => "([a-z-]+)",$/gm)].map(([, part]) => part);
  assert.ok(parts.length > 10, `${parts.length} parts of the console`);
  return [...routes, ...widgets, ...parts.filter((part) => !addresses.includes(`/b/cup/manage/${part}`))];
}

/** Gives the pages of a tab that is open the administrator's key, as the console keeps it. */
export const signIn = (page, { adminKey }) =>
  page.evaluate((key) => {
    for (const name of ['heliograph.key', 'heliograph.key.over']) sessionStorage.setItem(name, key);
  }, adminKey);
