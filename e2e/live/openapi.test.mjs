// The API is as /openapi.json says: every example of every operation is sent to a real worker, and what comes back is
// held to its schema, with no field more.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';

import { startServer } from '../server.mjs';
import { signedCall } from './support/aws.mjs';
import { frame } from './support/backup.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { Description, address } from './support/description.mjs';

let server;
let admin;
let api;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  api = await Description.of(server);
  await admin.board('fleet');
  // What a spreadsheet would execute, wherever text of a producer goes into CSV.
  await admin.publish('fleet', [
    { key: '=HYPERLINK("http://x")', fields: { route: '@SUM(1+1)', note: '-2+3|cmd', fuel: -0.5 } },
    { key: '+1', fields: { '=field': '\t=1' } },
  ]);
  await admin.board('quiz', {
    scores: { columns: [{ name: 'points', op: 'sum', field: 'points', direction: 'desc' }] },
    sessions: { required: true },
  });
});
after(() => server?.stop());

/** These come first: others look at what they leave. What deletes comes last, and boards behind all. */
const FIRST = ['putBoard', 'sendEvents', 'createSession', 'leadSession', 'makeSource'];

/** What else must be there before an operation. */
const BEFORE = {
  async getScores() {
    await admin.publish('quiz', [
      { id: 'a-1', key: 'p-1', fields: { points: 12, name: 'Ann' } },
      { id: 'a-2', key: '@evil', fields: { points: 3, name: '=1+1' } },
    ]);
  },
};

/** A new dead letter stands in the place of the one that an example names. */
async function withLetter(example) {
  await admin.events('fleet', { key: `v${Math.random()}`, position: { lat: 95, lon: 0 } });
  const { body } = await admin.get('/v1/boards/fleet/dead-letters?limit=1');
  example.parameters.id = body.dead_letters[0].id;
}

/** A viewer's connection stands in the place of the one that an example names. */
async function withConnection(example) {
  const viewer = await Feed.open(server, 'fleet', { credential: admin.credential });
  const greeting = await viewer.message((m) => m.type === 'status', 'the greeting');
  example.parameters.id = greeting.connection;
}

/** Lets devices of the source have addresses of their own. */
async function withDevices() {
  const { status } = await admin.send('PATCH', '/v1/boards/fleet/sources/buses', { from: { device_secrets: true } });
  assert.equal(status, 200);
}

async function withDevice(example) {
  await withDevices();
  example.parameters.device = (await admin.post('/v1/boards/fleet/sources/buses/devices', { key: 'v1' })).body.secret;
}

/** The fence of the examples is there. */
async function withFence() {
  const depot = { shape: { type: 'Point', coordinates: [-97.74, 30.26] }, radius_m: 150 };
  await admin.put('/v1/boards/fleet/fences/depot', depot);
}

/** The rule of the examples is there. */
async function withRule() {
  await admin.put('/v1/boards/fleet/alarms/rules/fuel', { where: ['fuel:lt:0.2'] });
}

/** And it has raised an alarm. */
async function withAlarm() {
  await withRule();
  await admin.publish('fleet', [{ key: 'v1', fields: { fuel: 0.15 } }]);
}

/** The webhook of the examples is there. */
async function withWebhook() {
  await admin.put('/v1/boards/fleet/webhooks/ops', { url: 'https://ops.example/alarms', kinds: ['acknowledge'] });
}

/** The layer of the examples is there. */
async function withLayer() {
  await admin.put('/v1/boards/fleet/layers/stops', { type: 'Point', coordinates: [-97.7467, 30.2672] });
}

/** What only the server knows, put into an example's place of it. */
const KNOWN = {
  addressOfDevice: withDevices,
  sendFromDevice: withDevice,
  sendFromDeviceByAddress: withDevice,
  getDeadLetter: withLetter,
  mendDeadLetter: withLetter,
  replayDeadLetter: withLetter,
  dropDeadLetter: withLetter,
  tellConnection: withConnection,
  lookAtConnection: withConnection,
  endConnection: withConnection,
  endBoardConnection: withConnection,
  async getOEmbed(example) {
    await admin.board('framed', { embed: { sites: ['https://partner.example'] } });
    example.parameters.url = `${server.url}/b/framed`;
  },
  getFence: withFence,
  deleteFence: withFence,
  listAlarmRules: withRule,
  getAlarmRule: withRule,
  deleteAlarmRule: withRule,
  listAlarms: withAlarm,
  listAlarmEvents: withAlarm,
  async acknowledgeAlarm(example) {
    await withAlarm();
    example.parameters.id = String((await admin.get('/v1/boards/fleet/alarms')).body.alarms[0].id);
  },
  testWebhook: withWebhook,
  listWebhooks: withWebhook,
  getWebhook: withWebhook,
  deleteWebhook: withWebhook,
  rotateWebhook: withWebhook,
  listFailedMessages: withWebhook,
  redeliverMessages: withWebhook,
  async importBoard(example) {
    const head = { format: 1, board: 'fleet', cursor: 'e7:0', time: 1772366400000, config: { title: 'Fleet', visibility: 'private' } };
    example.body = frame('head', JSON.stringify(head)).bytes;
  },
  getLayer: withLayer,
  deleteLayer: withLayer,
  async rotateKey(example) {
    const grants = [{ board: 'fleet', operations: ['read'] }];
    example.parameters.id = (await admin.post('/v1/keys', { label: 'to be rotated', grants })).body.id;
  },
  async deleteKey(example) {
    const grants = [{ board: 'fleet', operations: ['read'] }];
    example.parameters.id = (await admin.post('/v1/keys', { label: 'to be deleted', grants })).body.id;
  },
  async deleteShare(example) {
    example.parameters.id = (await admin.post('/v1/boards/fleet/shares', {})).body.id;
  },
  async mintToken(example) {
    if (example.body.share) example.body.share = (await admin.post('/v1/boards/fleet/shares', {})).body.code;
    if (!example.body.code) return;
    example.body.code = (await admin.get('/v1/boards/quiz/sessions')).body.sessions[0].code;
  },
};

/** What AWS SDKs call at an address. */
const TARGETS = {
  callAsAws: 'Firehose_20150804.PutRecord',
  callQueueAsAws: 'AmazonSQS.SendMessage',
  tellConnection: null,
  lookAtConnection: null,
  endConnection: null,
};

/** Whose credential an operation takes: a source's is its own secret, or its keys. */
async function clientOf(operation) {
  const target = TARGETS[operation.id];
  const isSigned = operation.id in TARGETS;
  if (!['sendToSource', 'sendToSourceByAddress', 'sendMetricsToSource'].includes(operation.id) && !isSigned) return admin;
  const { body } = await admin.post('/v1/boards/fleet/sources/buses/rotate', { overlap_s: 0 });
  return isSigned ? { send: (method, path, call) => signedCall(server, body.aws, target, call, { method, path }) } : admin.as(body.secret);
}

function inOrder(operations) {
  const place = ({ id, method }) => {
    if (FIRST.includes(id)) return FIRST.indexOf(id);
    return method === 'DELETE' ? (id === 'deleteBoard' ? 1000 : 999) : 100;
  };
  return operations.toSorted((a, b) => place(a) - place(b));
}

const typeOf = (answer) => (answer.headers.get('content-type') ?? '').split(';')[0];

async function send(operation, example, client = admin) {
  const { path, headers } = address(operation, example.parameters);
  const type = example.bodyType === undefined ? {} : { 'content-type': example.bodyType };
  return client.send(operation.method, path, example.body, { ...headers, ...type });
}

function upgraded(operation, { parameters }) {
  const { path, headers } = address(operation, parameters);
  const protocol = headers['Sec-WebSocket-Protocol'];
  return new Promise((done, failed) => {
    const socket = new WebSocket(server.wsUrl + path, protocol, { headers: admin.authorization });
    socket.on('upgrade', (response) => done(response.statusCode));
    socket.on('open', () => socket.close());
    socket.on('error', failed);
  });
}

/** Cells of CSV (RFC 4180). */
function cells(text) {
  const found = text.matchAll(/(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^,\r\n]*))/g);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
}

test('every operation has an example, and each example is answered as it is described', async (t) => {
  for (const operation of inOrder(api.operations)) {
    const examples = operation.operation['x-examples'];
    assert.ok(examples?.length > 0, `${operation.id} has no example`);
    await t.test(`${operation.method} ${operation.path}`, async () => {
      await BEFORE[operation.id]?.();
      for (const shown of examples) {
        const example = structuredClone(shown);
        await KNOWN[operation.id]?.(example);
        const told = `${operation.id}, ${example.name}`;
        if (example.status === 101) {
          assert.equal(await upgraded(operation, example), 101, told);
          continue;
        }
        const answer = await send(operation, example, await clientOf(operation));
        assert.equal(answer.status, example.status, `${told}: ${JSON.stringify(answer.body)}`);
        if (example.answerType === undefined) {
          assert.equal(answer.body, '', told);
          continue;
        }
        assert.equal(typeOf(answer), example.answerType, told);
        const wrong = api.answerErrors(operation, answer.status, typeOf(answer), answer.body);
        assert.equal(wrong, null, `${told}: ${wrong}\n${JSON.stringify(answer.body)}`);
        if (typeOf(answer) === 'text/csv') {
          for (const cell of cells(answer.body)) {
            assert.ok(!/^[=+\-@\t\r]/.test(cell) || Number.isFinite(Number(cell)), `${told}: a spreadsheet executes ${cell}`);
          }
        }
      }
    });
  }
});

test('examples on the page are of the shape that their schemas say', () => {
  for (const operation of api.operations) {
    operation.operation.parameters?.forEach((parameter, i) => {
      if (parameter.example === undefined) return;
      const wrong = api.parameterErrors(operation, i, parameter.example);
      assert.equal(wrong, null, `${operation.id}, ${parameter.name}: ${wrong}`);
    });
    for (const example of operation.operation['x-examples']) {
      if (example.bodyType !== undefined) {
        assert.equal(api.bodyErrors(operation, example.bodyType, example.body), null, `${operation.id}, body of ${example.name}`);
      }
      if (example.answerType !== undefined) {
        const wrong = api.answerErrors(operation, example.status, example.answerType, example.answer);
        assert.equal(wrong, null, `${operation.id}, answer of ${example.name}: ${wrong}`);
      }
    }
  }
});

/** Sends an example with something wrong about it and holds the refusal to the description. */
async function refused(operation, example, status, client) {
  const answer = await send(operation, example, client);
  const told = `${operation.id}: ${answer.status} ${JSON.stringify(answer.body)}`;
  assert.equal(answer.status, status, told);
  const wrong = api.answerErrors(operation, status, typeOf(answer), answer.body);
  assert.equal(wrong, null, `${told}: ${wrong}`);
}

test('refusals are problems with the codes that are described', async () => {
  await admin.board('shut', { visibility: 'private', views: { 'low-fuel': { path: 'items', query: { where: 'fuel:lt:{below}' }, parameters: { below: { type: 'number' } } } } });
  const { body: key } = await admin.post('/v1/keys', { label: 'of another board', grants: [{ board: 'other', operations: ['read'] }] });
  for (const operation of api.operations) {
    const example = structuredClone(operation.operation['x-examples'][0]);
    if (example.status === 101) continue;
    const onBoard = operation.path.includes('{board}');
    const open = operation.operation.security.length === 0 || !onBoard;
    const on = (board) => ({ ...example, parameters: { ...example.parameters, ...(onBoard ? { board } : {}) } });
    if (onBoard && !['putBoard', 'importBoard'].includes(operation.id)) await refused(operation, on('no-such-board'), 404);
    if (onBoard) await refused(operation, on('No Board'), 404);
    if (!open || operation.path === '/v1/keys') {
      await refused(operation, on('shut'), 401, admin.as(null));
      await refused(operation, on('shut'), 401, admin.as('hg_nobody'));
      await refused(operation, on('shut'), 401, admin.as('a.b.c'));
      await refused(operation, on('shut'), 403, admin.as(key.key));
    }
    // Consumers of oEmbed send parameters of their own, which its rules allow.
    if (operation.id !== 'getOEmbed' && operation.operation.parameters?.some((p) => p.in === 'query')) {
      const { path, headers } = address(operation, on('shut').parameters);
      const answer = await admin.send(operation.method, `${path}${path.includes('?') ? '&' : '?'}no-such=1`, example.body, headers);
      const wrong = api.answerErrors(operation, 400, typeOf(answer), answer.body);
      assert.equal(wrong, null, `${operation.id} with an unknown parameter: ${answer.status} ${wrong}`);
      assert.equal(answer.body.errors[0].field, 'no-such', operation.id);
    }
  }
});
