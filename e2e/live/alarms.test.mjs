// Alarms are raised and cleared by rules on fields, silence, fences and ranks, through restarts, and webhooks are told of
// each, signed, in order, until they take it. A real receiver checks the signatures with the library of Standard Webhooks.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Webhook } from 'standardwebhooks';

import { startServer } from '../server.mjs';
import { Client, assertProblem } from './support/client.mjs';
import { reachingHere } from './support/object_store.mjs';
import { eventually } from './support/wait.mjs';

/** A receiver that keeps what it is sent, and answers as it is told. */
class Receiver {
  messages = [];
  /** The statuses of the next answers; 200 when there are none. */
  answers = [];

  async start() {
    this.server = createServer((req, res) => {
      const parts = [];
      req.on('data', (part) => parts.push(part));
      req.on('end', () => {
        const status = this.answers.shift() ?? 200;
        this.messages.push({ path: req.url, headers: req.headers, text: Buffer.concat(parts).toString(), status });
        res.writeHead(status, { 'content-type': 'text/plain' });
        res.end(status === 200 ? '' : 'not now');
      });
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  at(path) {
    return this.messages.filter((message) => message.path === path);
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}

let receiver;
let server;
let admin;

before(async () => {
  receiver = await new Receiver().start();
  const env = {
    HELIOGRAPH_PRIVATE_TARGETS: 'allow',
    POLL_MAIL: JSON.stringify({ origin: receiver.url, header: 'authorization', value: 'Bearer hush-mail' }),
  };
  const line = '(name = "ARCHIVE_DEFAULT", fromEnvironment = "ARCHIVE_DEFAULT"),';
  const config = (text) => reachingHere(text.replace(line, `${line}\n    (name = "POLL_MAIL", fromEnvironment = "POLL_MAIL"),`));
  server = await startServer({ env, config });
  admin = new Client(server);
});
after(async () => {
  await server?.stop();
  await receiver?.stop();
});

const path = (board, tail = '') => `/v1/boards/${board}/alarms${tail}`;
const hooks = (board, tail = '') => `/v1/boards/${board}/webhooks${tail}`;

async function put(at, body, status = 201) {
  const answer = await admin.put(at, body);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer.body;
}

/** What happened, the oldest first, in short. */
async function told(board, query = '') {
  const { status, body } = await admin.get(path(board, `/events${query}`));
  assert.equal(status, 200, JSON.stringify(body));
  return body.events.reverse().map((e) => `${e.kind} ${e.rule} ${e.key} ${e.seen}`.trim());
}

/** What the receiver and the server say when something takes too long. */
const what = () => `${JSON.stringify(receiver.messages.map(({ path: to, text, status }) => [to, status, text]))}\n${server.log()}`;

const temp = (key, degrees, time = Date.now()) => ({ key, time, fields: { temp: degrees } });

test('a field raises and clears an alarm, with a limit of its own for the end', async () => {
  const board = await admin.board('alarms-field');
  const rule = { name: 'Too hot', severity: 'critical', where: ['temp:gt:80'], clear_where: ['temp:lt:75'] };
  const made = await put(path(board, '/rules/hot'), rule);
  assert.deepEqual([made.id, made.name, made.severity, made.where, made.standing], ['hot', 'Too hot', 'critical', ['temp:gt:80'], 0]);
  await put(path(board, '/rules/hot'), rule, 200);
  for (const degrees of [70, 81.5, 79, 90, 74]) await admin.publish(board, [temp('a', degrees)]);
  await admin.publish(board, [temp('b', 95)]);
  assert.deepEqual(await told(board), ['raise hot a temp=81.5', 'clear hot a temp=74', 'raise hot b temp=95']);
  const { body } = await admin.get(path(board));
  assert.deepEqual([body.count, body.alarms[0].key, body.alarms[0].name, body.alarms[0].acknowledged], [1, 'b', 'Too hot', undefined]);
  // Somebody has seen it; that is known, and once more changes nothing.
  const seen = await admin.post(path(board, `/${body.alarms[0].id}/acknowledge`));
  assert.equal(seen.status, 200);
  assert.equal(typeof seen.body.acknowledged.by, 'string');
  await admin.post(path(board, `/${body.alarms[0].id}/acknowledge`), {});
  assert.equal((await told(board)).filter((line) => line.startsWith('acknowledge')).length, 1);
  assert.equal((await admin.get(path(board, '?acknowledged=false'))).body.alarms.length, 0);
  // Deleted, with its alarms.
  assert.equal((await admin.delete(path(board, '/rules/hot'))).status, 204);
  assert.deepEqual((await admin.get(path(board))).body.alarms, []);
  const [last] = (await admin.get(path(board, '/events?limit=1'))).body.events;
  assert.deepEqual([last.kind, last.reason], ['clear', 'rule_deleted']);
});

test('silence raises an alarm by itself, and the next event clears it', async () => {
  const board = await admin.board('alarms-silent');
  await put(path(board, '/rules/lost'), { silent_s: 2 });
  await admin.publish(board, [temp('a', 1)]);
  await eventually(async () => (await admin.get(path(board))).body.count === 1, what);
  await admin.publish(board, [temp('a', 2)]);
  assert.deepEqual(await told(board), ['raise lost a', 'clear lost a']);
});

test('a fence raises for whoever is inside, and stays while a rule is about it', async () => {
  const board = await admin.board('alarms-fence');
  await put(`/v1/boards/${board}/fences/depot`, { shape: { type: 'Point', coordinates: [13.4, 52.5] }, radius_m: 500 });
  await put(path(board, '/rules/speeding'), { inside: 'depot', where: ['position.speed:gt:5'] });
  const fix = (lon, speed) => ({ key: 'bus', time: Date.now(), position: { lat: 52.5, lon, speed } });
  for (const [lon, speed] of [[13.3, 20], [13.4, 3], [13.401, 8], [13.5, 20]]) await admin.publish(board, [fix(lon, speed)]);
  assert.deepEqual(await told(board), ['raise speeding bus position.speed=8', 'clear speeding bus position.speed=20']);
  assertProblem(await admin.delete(`/v1/boards/${board}/fences/depot`), 409, 'fence_in_use');
  assertProblem(await admin.put(path(board, '/rules/other'), { inside: 'nowhere' }), 422, 'not_found', 'inside');
});

test('who gets among the first of a ranking raises an alarm', async () => {
  const scores = { columns: [{ name: 'points', op: 'sum', field: 'points' }] };
  const board = await admin.board('alarms-rank', { scores });
  await put(path(board, '/rules/podium'), { rank_at_most: 1 });
  const score = (key, points) => ({ key, time: Date.now(), fields: { points } });
  await admin.publish(board, [score('ann', 10), score('bob', 5)]);
  await eventually(async () => (await told(board)).includes('raise podium ann rank=1'), what);
  await admin.publish(board, [score('bob', 20)]);
  await eventually(async () => (await told(board)).includes('raise podium bob rank=1'), what);
  assert.ok((await told(board)).some((line) => line.startsWith('clear podium ann')));
});

test('a webhook is told in order, signed, again until it takes it, and not of what is muted', async () => {
  const board = await admin.board('alarms-told');
  await put(path(board, '/rules/hot'), { name: 'Too hot', where: ['temp:gt:80'] });
  const { secret, host, url } = await put(hooks(board, '/ops'), { url: `${receiver.url}/ops?key=hush` });
  assert.match(secret, /^whsec_/);
  assert.deepEqual([host, url], [receiver.url, undefined]);
  receiver.answers = [503];
  await admin.publish(board, [temp('a', 90), temp('a', 10), temp('b', 99)]);
  await eventually(() => receiver.at('/ops?key=hush').length >= 4, what);
  const messages = receiver.at('/ops?key=hush');
  // The same message came again, and the next ones after it.
  assert.equal(messages[0].headers['webhook-id'], messages[1].headers['webhook-id']);
  const verified = messages.slice(1).map(({ text, headers }) => new Webhook(secret).verify(text, headers));
  assert.deepEqual(verified.map((m) => `${m.type} ${m.data.key} ${m.data.board}`), [
    `alarm.raise a ${board}`, `alarm.clear a ${board}`, `alarm.raise b ${board}`,
  ]);
  assert.throws(() => new Webhook(secret).verify(messages[1].text.replace('"a"', '"z"'), messages[1].headers));
  const state = (await admin.get(hooks(board, '/ops'))).body;
  assert.deepEqual([state.taken, state.waiting, state.tries, state.given_up], [3, 0, 0, 0]);
  assert.match(state.failure, /^answered 503: not now$/);
  assert.ok(!JSON.stringify(state).includes('hush'), 'an address may be a secret');
  // Muted, nobody is told of the beginning nor of the end.
  const muted = await admin.post(path(board, '/mute'), { key: 'c', for_s: 60 });
  assert.equal(muted.body.muted[0].key, 'c');
  await admin.publish(board, [temp('c', 99), temp('c', 1), temp('d', 99)]);
  await eventually(() => receiver.at('/ops?key=hush').length >= 5, what);
  assert.equal(JSON.parse(receiver.at('/ops?key=hush')[4].text).data.key, 'd');
  // With another secret messages have both signatures for a while.
  const rotated = await admin.post(hooks(board, '/ops/rotate'), {});
  assert.notEqual(rotated.body.secret, secret);
  await admin.publish(board, [temp('e', 99)]);
  await eventually(() => receiver.at('/ops?key=hush').length >= 6, what);
  const { text, headers } = receiver.at('/ops?key=hush')[5];
  for (const good of [secret, rotated.body.secret]) assert.equal(new Webhook(good).verify(text, headers).data.key, 'e');
});

test('what a receiver refuses is kept and can be sent again; a mail service gets what its template says', async () => {
  const board = await admin.board('alarms-refused');
  await put(path(board, '/rules/hot'), { name: 'Too hot', severity: 'critical', where: ['temp:gt:80'] });
  const template = { to: 'ops@fleet.example', subject: '{{severity}}: {{name}} {{key}}', text: '{{text}}' };
  await put(hooks(board, '/mail'), { url: `${receiver.url}/mail`, format: 'template', template, credential: 'MAIL', kinds: ['raise'] });
  const tried = (await admin.post(hooks(board, '/mail/test'))).body;
  assert.deepEqual(tried, { taken: true });
  assert.equal(receiver.at('/mail')[0].headers.authorization, 'Bearer hush-mail');
  receiver.answers = [410];
  await admin.publish(board, [temp('a', 90), temp('b', 91)]);
  await eventually(async () => (await admin.get(hooks(board, '/mail'))).body.gone, what);
  const { failed } = (await admin.get(hooks(board, '/mail/failed'))).body;
  assert.deepEqual(failed.map((f) => [f.event.key, f.why]), [['a', 'answered 410: not now']]);
  // Put anew it goes on where it was, and what was given up is sent when somebody says so.
  await put(hooks(board, '/mail'), { format: 'template', template, credential: 'MAIL', kinds: ['raise'] }, 200);
  await eventually(() => receiver.at('/mail').some(({ text }) => text.includes('Too hot b')), what);
  assert.deepEqual((await admin.post(hooks(board, '/mail/redeliver'))).body, { again: 1 });
  await eventually(() => receiver.at('/mail').filter(({ text, status }) => status === 200 && text.includes('Too hot a')).length === 1, what);
  assert.deepEqual(JSON.parse(receiver.at('/mail').at(-1).text), {
    to: 'ops@fleet.example', subject: 'critical: Too hot a', text: '[critical] Too hot: a (temp=90) on alarms-refused',
  });
  await eventually(async () => (await admin.get(hooks(board, '/mail/failed'))).body.failed.length === 0, what);
  assertProblem(await admin.put(hooks(board, '/x'), { url: 'ftp://ops.example/' }), 422, 'invalid', 'url');
  assertProblem(await admin.put(hooks(board, '/x'), { format: 'slack' }), 422, 'missing', 'url');
  assertProblem(await admin.put(hooks(board, '/x'), { url: `${receiver.url}/x`, credential: 'NOBODY' }), 422, 'not_allowed', 'credential');
});

test('an alarm and what a webhook has not taken outlive a kill; nothing is told twice but what was on its way', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'heliograph-alarms-'));
  const place = await new Receiver().start();
  const own = await startServer({ dataDir, env: { HELIOGRAPH_PRIVATE_TARGETS: 'allow' }, config: reachingHere });
  try {
    const client = new Client(own);
    const board = await client.board('alarms-kill');
    await client.put(path(board, '/rules/hot'), { where: ['temp:gt:80'] });
    await client.put(path(board, '/rules/lost'), { silent_s: 3, where: ['temp:lt:0'] });
    await client.put(hooks(board, '/ops'), { url: `${place.url}/ops` });
    await client.publish(board, [temp('a', 90)]);
    await eventually(() => place.messages.length === 1, what);
    place.answers = [500];
    await client.publish(board, [temp('b', 91)]);
    await eventually(() => place.messages.length === 2, what);
    await client.publish(board, [temp('c', -5)]);
    await own.kill9();
    await own.restart();
    const keys = (await client.get(path(board))).body.alarms.map((alarm) => alarm.key);
    assert.ok(keys.includes('a') && keys.includes('b'), JSON.stringify(keys));
    await eventually(() => place.messages.some(({ text }) => JSON.parse(text).data.rule === 'lost'), what);
    const taken = place.messages.filter(({ status }) => status === 200).map(({ headers }) => headers['webhook-id']);
    assert.equal(new Set(taken).size, taken.length, 'what was taken came again');
    assert.deepEqual(place.messages.filter(({ status }) => status === 200).map(({ text }) => JSON.parse(text).data.key), ['a', 'b', 'c']);
  } finally {
    await own.stop();
    await place.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('only managers are told, and addresses inside are refused where the operator does not allow them', async () => {
  const strict = await startServer({ env: { HELIOGRAPH_PRIVATE_TARGETS: undefined } });
  try {
    const client = new Client(strict);
    const board = await client.board('alarms-strict', { visibility: 'public' });
    for (const url of ['http://ops.example/x', 'https://127.0.0.1/x', 'https://169.254.169.254/latest', 'https://db.internal/x']) {
      assertProblem(await client.put(hooks(board, '/ops'), { url }), 422, 'not_allowed', 'url');
    }
    const { status } = await fetch(`${strict.url}${path(board)}`);
    assert.equal(status, 401);
  } finally {
    await strict.stop();
  }
});
