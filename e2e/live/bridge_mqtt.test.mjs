// `heliograph bridge mqtt` between a real mosquitto and the real worker: what is published is on the board once, whoever is killed
// on the way.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Broker, allEvents, bridge, makeCertificates, program, publish, startMosquitto } from './support/brokers.mjs';
import { Client } from './support/client.mjs';
import { eventually } from './support/wait.mjs';

let server;
let broker;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  broker = await startMosquitto();
});
after(async () => {
  await broker?.stop();
  await server?.stop();
});

const mqtt = (to, ...args) => ['mqtt', `mqtt://127.0.0.1:${to.port}`, ...args];

/** Waits until a bridge's session is there: what is published before has nobody to wait for. */
async function ready(running, to, id) {
  const subscribed = () => running.code !== undefined || to.process.errors.includes(`: ${id} 1 `);
  await eventually(subscribed, () => `a subscription; ${running.errors} ${to.process.errors}`);
  assert.equal(running.code, undefined, running.errors);
}

test('10,000 messages are there once each, though bridge, server and broker are killed or ended under way', async (t) => {
  await admin.board('kills');
  const args = mqtt(broker, '--topic', 'kills/{key}', '--board', 'kills', '--client-id', 'kills');
  let running = bridge(server, args);
  let said = '';
  t.after(() => running.end('SIGKILL'));
  await ready(running, broker, 'kills');
  const [rounds, each] = [20, 500];
  for (let round = 0; round < rounds; round += 1) {
    const lines = Array.from({ length: each }, (_, i) => JSON.stringify({ id: `${round}-${i}`, fields: { n: round * each + i } }));
    const topic = `kills/v${round % 7}`;
    const published = publish(broker, topic, lines.slice(0, each / 2));
    await sleep(60);
    if ([3, 9, 15].includes(round)) {
      await running.end('SIGKILL');
      said += running.errors;
      running = bridge(server, args);
    }
    const away = [5, 12].includes(round);
    if (away) await server.kill9();
    await published;
    // The first half may have arrived before the server was killed; of this half nothing has.
    await publish(broker, topic, lines.slice(each / 2));
    if (away) {
      await eventually(() => /http:\S+ is away/.test(running.errors), () => `a word about the server; ${running.errors}`);
      await server.restart();
    }
    if ([7, 14].includes(round)) {
      // mosquitto writes its messages when it ends in peace; killed, it forgets them.
      await broker.end('SIGTERM');
      await sleep(300);
      await broker.restart();
      await eventually(() => /the broker .* is back/.test(running.errors), () => `the bridge; ${running.errors}`);
    }
  }
  const arrived = async () => (await allEvents(admin, 'kills')).length >= rounds * each;
  await eventually(arrived, () => `all messages; ${running.errors}`, 40_000);
  const all = await allEvents(admin, 'kills');
  assert.equal(all.length, rounds * each);
  assert.equal(new Set(all.map((e) => e.id)).size, rounds * each);
  // In order for each publisher, first arrivals as the log has them.
  for (let round = 0; round < rounds; round += 1) {
    const numbers = all.filter((e) => e.id.startsWith(`${round}-`)).map((e) => e.fields.n);
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b), `round ${round}`);
  }
  assert.equal(await running.end('SIGTERM'), 0);
  assert.match(running.output, /rows in/);
  assert.match(said + running.errors, /http:\S+ is back/);
  // Nothing is left to acknowledge: who comes next gets nothing.
  const next = bridge(server, args);
  t.after(() => next.end('SIGKILL'));
  await sleep(1_000);
  await next.end('SIGTERM');
  assert.match(next.output, /^0 rows/);
});

for (const version of ['3.1.1', '5']) {
  test(`what comes while the bridge is away waits at the broker, and what had been kept is told apart (MQTT ${version})`, async (t) => {
    const board = `kept-${version.replaceAll('.', '')}`;
    await admin.board(board);
    await publish(broker, `${board}/old/temperature`, ['20.5'], ['-r']);
    const args = mqtt(broker, '--topic', `${board}/{key}/{field}`, '--board', board, '--mqtt', version);
    let running = bridge(server, args);
    t.after(() => running.end('SIGKILL'));
    await eventually(async () => (await admin.items(board)).items.has('old'), () => `what was kept; ${running.errors}`);
    assert.equal(await running.end('SIGTERM'), 0);
    await publish(broker, `${board}/new/door`, ['open']);
    await sleep(100);
    running = bridge(server, args);
    await eventually(async () => (await admin.items(board)).items.has('new'), () => `what waited; ${running.errors}`);
    const { items } = await admin.items(board);
    assert.deepEqual(items.get('old').fields, { temperature: 20.5, retained: true });
    assert.deepEqual(items.get('new').fields, { door: 'open', retained: false });
    const skipping = bridge(server, [...args, '--retained', 'skip', '--client-id', `${board}-skip`]);
    t.after(() => skipping.end('SIGKILL'));
    await ready(skipping, broker, `${board}-skip`);
    await publish(broker, `${board}/live/door`, ['shut']);
    await eventually(async () => (await admin.items(board)).items.has('live'), () => `a live message; ${skipping.errors}`);
    assert.equal(await skipping.end('SIGTERM'), 0);
    assert.match(skipping.output, /^1 row in/);
  });
}

test('a source gets each message with its key, and what it refuses is a dead letter and acknowledged', async (t) => {
  await admin.board('via', { key_name: 'vehicleId' });
  const { body: source } = await admin.post('/v1/boards/via/sources', { name: 'via' });
  const args = mqtt(broker, '--topic', 'via/{key}', '--source', 'via', '--client-id', 'via', '--retained', 'same');
  const running = bridge(server, args, { HELIOGRAPH_SOURCE_SECRET: source.secret });
  t.after(() => running.end('SIGKILL'));
  await ready(running, broker, 'via');
  await publish(broker, 'via/v1', ['{"lat":30.26,"lon":-97.74,"route":"801"}', 'nonsense', '{"lat":31,"lon":-97}']);
  await eventually(async () => (await admin.items('via')).items.get('v1')?.position?.lat === 31, () => `the last one; ${running.errors}`);
  assert.equal((await admin.items('via')).items.get('v1').fields.route, '801');
  const letters = (await admin.get('/v1/boards/via/dead-letters?limit=5')).body.dead_letters;
  assert.deepEqual(letters.map((l) => [l.source, l.record]), [['via', 'nonsense']]);
  assert.equal(await running.end('SIGINT'), 0);
  assert.match(running.output, /accepted\s+2\b[\s\S]*refused\s+1\b/);
});

test("mosquitto's own bridge feeds one broker from another, and several bridges share what comes", async (t) => {
  await admin.board('share');
  const outer = await startMosquitto(() => ['connection inner', `address 127.0.0.1:${broker.port}`, 'topic share/# out 1']);
  t.after(() => outer.stop());
  const args = mqtt(broker, '--topic', '$share/two/share/{key}', '--board', 'share', '--retained', 'same');
  const two = ['one', 'other'].map((id) => bridge(server, [...args, '--client-id', `share-${id}`]));
  t.after(() => Promise.all(two.map((b) => b.end('SIGKILL'))));
  for (const [i, id] of ['one', 'other'].entries()) await ready(two[i], broker, `share-${id}`);
  await publish(outer, 'share/a', Array.from({ length: 200 }, (_, i) => JSON.stringify({ id: `s${i}`, fields: { n: i } })));
  await eventually(async () => (await allEvents(admin, 'share')).length === 200, () => `all; ${two.map((b) => b.errors)}`);
  for (const b of two) assert.equal(await b.end('SIGTERM'), 0);
  const rows = two.map((b) => Number(/^(\d+) row/.exec(b.output)[1]));
  assert.equal(rows[0] + rows[1], 200);
  assert.ok(Math.min(...rows) > 0, `${rows}`);
});

test('a topic with nothing where its key is makes dead letters that say so, and the rest goes on', async (t) => {
  await admin.board('hollow', { key_name: 'vehicleId' });
  const { body: source } = await admin.post('/v1/boards/hollow/sources', { name: 'hollow' });
  const topic = ['--topic', 'hollow/{key}/position', '--retained', 'same'];
  for (const [id, to, env] of [['hollow-board', ['--board', 'hollow'], {}], ['hollow-source', ['--source', 'hollow'], { HELIOGRAPH_SOURCE_SECRET: source.secret }]]) {
    const running = bridge(server, mqtt(broker, ...topic, ...to, '--client-id', id), env);
    t.after(() => running.end('SIGKILL'));
    await ready(running, broker, id);
    await publish(broker, 'hollow//position', [`{"id":"${id}-1","fields":{"n":1}}`, `{"id":"${id}-2","fields":{"n":2}}`]);
    await publish(broker, 'hollow/v1/position', [`{"id":"${id}-3","fields":{"via":"${id}"}}`]);
    await eventually(async () => (await admin.items('hollow')).items.get('v1')?.fields.via === id, () => `the next one; ${running.errors}`);
    assert.match(running.errors, /`hollow\/\/position` has nothing where \{key\} is/);
    assert.equal(await running.end('SIGTERM'), 0);
    assert.match(running.errors, /2 messages came by topics that have nothing where \{key\} is/);
    assert.match(running.output, /refused\s+2\b/);
  }
  assert.deepEqual([...(await admin.items('hollow')).items.keys()], ['v1']);
  const letters = (await admin.get('/v1/boards/hollow/dead-letters')).body.dead_letters;
  assert.equal(letters.length, 4, JSON.stringify(letters));
  assert.ok(letters.every((letter) => letter.field === 'key'), JSON.stringify(letters));
});

test('TLS is verified, and a wrong password or an unknown host name is said in words', async (t) => {
  await admin.board('tls');
  let folder;
  const secure = await startSecure((f) => (folder = f));
  t.after(() => secure.stop());
  const args = ['mqtt', `mqtts://localhost:${secure.port}`, '--topic', 'tls/{key}', '--board', 'tls', '--user', 'jane'];
  const unknown = bridge(server, args, { MQTT_PASSWORD: 'right' });
  t.after(() => unknown.end('SIGKILL'));
  await eventually(() => /is away: invalid peer certificate: UnknownIssuer/.test(unknown.errors), () => `a word about the certificate; ${unknown.errors}`);
  assert.equal(await unknown.end('SIGTERM'), 0);
  const trusted = [...args, '--ca', join(folder, 'ca.pem')];
  // The certificate is localhost's, and not that of its number.
  const other = bridge(server, trusted.map((one) => one.replace('localhost', '127.0.0.1')), { MQTT_PASSWORD: 'right' });
  t.after(() => other.end('SIGKILL'));
  const isNamed = () => /is away: invalid peer certificate: certificate not valid for name "127\.0\.0\.1"/.test(other.errors);
  await eventually(isNamed, () => `a word about the name; ${other.errors}`);
  await other.end('SIGTERM');
  const wrong = bridge(server, trusted, { MQTT_PASSWORD: 'wrong' });
  await eventually(() => wrong.code !== undefined, () => `an end; ${wrong.errors}`);
  assert.deepEqual([wrong.code, /refuses: .*(password|may not connect)/.test(wrong.errors)], [1, true], wrong.errors);
  const right = bridge(server, [...trusted, '--client-id', 'tls'], { MQTT_PASSWORD: 'right' });
  t.after(() => right.end('SIGKILL'));
  await ready(right, secure, 'tls');
  const sent = ['-u', 'jane', '-P', 'right', '--cafile', join(folder, 'ca.pem'), '-h', 'localhost'];
  await publish(secure, 'tls/a', ['{"fields":{"n":1}}'], sent);
  await eventually(async () => (await admin.items('tls')).items.has('a'), () => `the message; ${right.errors}`);
});

/** A mosquitto with a certificate for localhost and one user. */
function startSecure(tell) {
  return Broker.start((port, folder) => {
    tell(folder);
    const [key, cert, users, config] = ['key.pem', 'cert.pem', 'users', 'm.conf'].map((name) => join(folder, name));
    makeCertificates(folder);
    execFileSync(program('mosquitto_passwd', 'mosquitto'), ['-b', '-c', users, 'jane', 'right'], { stdio: 'ignore' });
    const lines = ['log_type all', `listener ${port} 127.0.0.1`, `keyfile ${key}`, `certfile ${cert}`, `password_file ${users}`, 'allow_anonymous false', 'user root'];
    execFileSync('sh', ['-c', 'printf "%s\\n" "$@" > "$0"', config, ...lines]);
    return [program('mosquitto'), '-c', config];
  });
}
