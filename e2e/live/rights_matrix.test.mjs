// Every route of the router's own table, for every kind of credential, in every form: what it is answered, and that nobody is told
// of a board that is not theirs. What is shown: rights_matrix_bodies.test.mjs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { EVENTS, FORMATS, KINDS_OF_FORM, VIEWS } from './support/forms.mjs';
import { ObjectStore, reachingHere } from './support/object_store.mjs';

/** The router's table: a test of the API's description holds this file to it. */
const TABLE = JSON.parse(readFileSync(new URL('support/routes.json', import.meta.url), 'utf8'));

const CONFIG = {
  title: 'T',
  visibility: 'private',
  scores: { columns: [{ name: 'n', op: 'sum', field: 'n' }] },
  views: VIEWS,
};

let server;
let store;
let admin;
let code;

before(async () => {
  store = await ObjectStore.start();
  server = await startServer({ env: store.env, config: reachingHere });
  CONFIG.archive = store.archive({ interval_s: 1 });
  admin = new Client(server);
  for (const board of ['shut', 'other']) {
    await admin.board(board, CONFIG);
    await admin.publish(board, EVENTS);
  }
  assert.equal((await admin.post('/v1/boards/shut/sources', { name: 'taken' })).status, 201);
  const { body } = await admin.post('/v1/boards/shut/sessions', { id: 's1', title: 'One', join: true });
  code = body.code;
});
after(async () => {
  await server?.stop();
  await store?.stop();
});

/**
 * One or more requests for each route, by its name in the table: what stands in the path after the board, the body, what a
 * caller needs where the table leaves that to the config, and the status when it is allowed (200 when nothing is said).
 * A route of the table that is not here fails.
 */
const REQUESTS = {
  health: [{}],
  ready: [{}],
  metrics: [{}],
  jwks: [{}],
  o_embed: [{ status: 400 }],
  preview_png: [{ status: 404 }],
  preview_svg: [{ status: 404 }],
  mint: [{ body: (board) => ({ board }), needs: 'mint' }],
  list_keys: [{}],
  make_key: [{ body: () => ({ label: 'x', grants: [{ board: 'x', operations: ['read'] }] }), status: 201 }],
  rotate_key: [{ with: { id: '0000000000000000' }, body: () => ({}), status: 404 }],
  delete_key: [{ with: { id: '0000000000000000' }, status: 404 }],
  sign_in: [{}],
  sign_out: [{ body: () => ({ person: 'staff/nobody' }), needs: 'administrator' }],
  get_identity: [{}],
  put_identity: [{ body: () => ({ issuers: [] }) }],
  list_boards: [{}],
  get_board: [{}],
  put_board: [{ body: () => CONFIG }],
  delete_board: [{ destroys: true }],
  export_board: [{}, { query: 'after=0' }],
  // A frame that begins nothing.
  import_board: [{ body: () => 'x', status: 422 }],
  send_events: [{ body: () => ({ key: 'a-9', fields: { n: 0 } }) }],
  events: [{}, { query: 'limit=1' }],
  feed: [{ mode: 'heliograph.v1.bin' }, { mode: 'heliograph.v1.json' }, { mode: null, query: 'realTimeItemKey=a-1' }],
  items: [{}],
  item: [{ with: { key: 'a-1' } }],
  item_track: [{ with: { key: 'a-1' } }],
  item_trips: [{ with: { key: 'a-1' } }],
  item_series: [{ with: { key: 'a-1' }, query: 'field=n' }],
  series: [{ query: 'field=n' }],
  summary: [{}],
  list_views: [{}],
  named_view: [
    { with: { name: 'now' }, needs: 'read' },
    { with: { name: 'past' }, needs: 'history', shape: 'rows' },
    { with: { name: 'standings' }, needs: 'read_all', shape: 'rows' },
  ],
  scores: [{}],
  correct: [{ body: () => ({ action: 'adjust', key: 'a-1', column: 'n', by: 1, reason: 'x' }) }],
  audit: [{}],
  entries: [{ with: { key: 'a-1' } }],
  list_sessions: [{}],
  create_session: [{ body: () => ({ title: 'x' }), status: [200, 201] }],
  lead_session: [{ with: { id: 's1' }, body: () => ({ action: 'open' }), status: [200, 409] }],
  pipeline: [{}],
  try_pipeline: [{ body: () => ({ events: [{ key: 'a-1' }] }) }],
  archive: [{}],
  status: [{}],
  dead_letters: [{ query: 'limit=10' }],
  drop_dead_letter: [{ with: { id: '999' }, status: 404 }],
  drop_dead_letters: [{ query: 'code=none_such' }],
  get_dead_letter: [{ with: { id: '999.0' }, status: 404 }],
  mend_dead_letter: [{ with: { id: '999.0' }, body: () => ({ record: { key: 'a-9' } }), status: 404 }],
  replay_dead_letter: [{ with: { id: '999.0' }, body: () => ({}), status: 404 }],
  replay_dead_letters: [{ body: () => ({ code: 'none_such' }) }],
  export_dead_letters: [{ query: 'limit=10' }],
  audit_log: [{ query: 'limit=10' }],
  list_connections: [{}, { query: 'limit=1' }],
  end_connections_of: [{ query: 'credential=key:nobody' }],
  end_board_connection: [{ with: { id: '0.1.1' }, status: 404 }],
  list_fences: [{}, { query: 'format=geojson' }],
  fence_events: [{ query: 'limit=10' }],
  get_fence: [{ with: { id: 'nobody' }, status: 404 }],
  put_fence: [{ with: { id: 'depot' }, body: () => ({ shape: { type: 'Point', coordinates: [13.4, 52.5] }, radius_m: 100 }), status: [200, 201] }],
  list_alarms: [{}, { query: 'severity=critical' }],
  alarm_events: [{ query: 'limit=10' }],
  mute_alarms: [{ body: () => ({ key: 'nobody', for_s: 0 }) }],
  acknowledge_alarm: [{ with: { id: '9999' }, body: () => ({}), status: 404 }],
  list_alarm_rules: [{}],
  get_alarm_rule: [{ with: { id: 'nobody' }, status: 404 }],
  put_alarm_rule: [{ with: { id: 'hot' }, body: () => ({ where: ['temp:gt:80'] }), status: [200, 201] }],
  delete_alarm_rule: [{ with: { id: 'nobody' }, status: 404 }],
  list_webhooks: [{}],
  get_webhook: [{ with: { id: 'nobody' }, status: 404 }],
  put_webhook: [{ with: { id: 'ops' }, body: () => ({ url: 'https://ops.example/alarms' }), status: [200, 201] }],
  delete_webhook: [{ with: { id: 'nobody' }, status: 404 }],
  rotate_webhook: [{ with: { id: 'nobody' }, body: () => ({}), status: 404 }],
  test_webhook: [{ with: { id: 'nobody' }, body: () => ({}), status: 404 }],
  failed_messages: [{ with: { id: 'nobody' }, status: 404 }],
  redeliver_messages: [{ with: { id: 'nobody' }, body: () => ({}), status: 404 }],
  delete_fence: [{ with: { id: 'nobody' }, status: 404 }],
  list_layers: [{}],
  get_layer: [{ with: { id: 'none' }, status: 404 }],
  put_layer: [{ with: { id: 'stops' }, body: () => ({ type: 'Point', coordinates: [13.4, 52.5] }), status: [200, 201] }],
  delete_layer: [{ with: { id: 'none' }, status: 404 }],
  list_shares: [{}],
  make_share: [{ body: () => ({ operations: [] }), status: 422 }],
  delete_share: [{ with: { id: '00000000' }, status: 404 }],
  list_sources: [{}],
  make_source: [{ body: () => ({ name: 'taken' }), status: 409 }],
  get_source: [{ with: { name: 'taken' }, status: [200, 404] }],
  change_source: [{ with: { name: 'taken' }, body: () => ({ envelope: 'auto' }), status: [200, 404] }],
  delete_source: [{ with: { name: 'nobody' }, status: 404 }],
  rotate_source: [{ with: { name: 'taken' }, body: () => ({}), status: [200, 404] }],
  try_source: [{ with: { name: 'taken' }, body: () => ({ body: { key: 'a-9' } }), status: [200, 404] }],
  device_of_source: [{ with: { name: 'taken' }, body: () => ({ key: 'a-9' }), status: [422, 404] }],
  ingest_device: [{ with: { source: 'taken', device: 'hgd_x' }, body: () => ({ key: 'a-9' }) }],
  ingest_device_query: [{ with: { source: 'taken', device: 'hgd_x' }, query: 'id=a-9' }],
  ingest_metrics: [{ with: { source: 'taken' }, body: () => ({ resourceMetrics: [] }) }],
  ingest: [{ with: { source: 'taken' }, body: () => ({ key: 'a-9' }) }, { with: { source: 'nobody' }, body: () => ({ key: 'a-9' }) }],
  ingest_query: [{ with: { source: 'taken' }, query: 'id=a-9' }],
  aws: [{ body: () => ({}) }],
  aws_queue: [{ with: { account: '000000000000', queue: 'taken' }, body: () => ({}) }],
  tell_connection: [{ with: { id: '0.0.1' }, body: () => 'x' }],
  look_at_connection: [{ with: { id: '0.0.1' } }],
  end_connection: [{ with: { id: '0.0.1' } }],
  end_item: [
    { with: { key: 'nobody' }, status: 404 },
    { with: { key: 'nobody' }, query: 'erase=true', status: [200, 202] },
  ],
};

const NONE = { read: 'none', history: 'none', publish: 'none', manage: false };
const ALL = { read: 'all', history: 'all', publish: 'all', manage: true };

/** Grants on the board, and what they allow there. */
const GRANTS = {
  'every right': [{ operations: ['read', 'history', 'publish', 'manage'] }, ALL],
  reading: [{ operations: ['read'] }, { ...NONE, read: 'all' }],
  history: [{ operations: ['history'] }, { ...NONE, history: 'all' }],
  publishing: [{ operations: ['publish'] }, { ...NONE, publish: 'all' }],
  managing: [{ operations: ['manage'] }, { ...NONE, manage: true }],
  'some keys': [
    { operations: ['read', 'history', 'publish'], keys: ['a-*'] },
    { ...NONE, read: 'some', history: 'some', publish: 'some' },
  ],
  // The board has a scoreboard, which is not kept as it was: who sees it later sees that it is there.
  'an hour later': [{ operations: ['read', 'history'], conditions: { delay_s: 3_600 } }, { ...NONE, read: 'late', history: 'late' }],
  'another board': [{ board: 'other', operations: ['read', 'history', 'publish', 'manage'] }, NONE],
};

async function makeKey(grants) {
  const { status, body } = await admin.post('/v1/keys', { label: 'matrix', grants });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

/** The ways to a credential with given grants. */
const KINDS = {
  'API key': async (grants) => (await makeKey(grants)).key,
  token: (grants) => admin.mint(grants),
  'token of an API key': async (grants) => admin.as((await makeKey(grants)).key).mint(grants),
  'token of a token': async (grants) => admin.as(await admin.mint(grants)).mint(grants),
};

async function credentials() {
  const list = [
    { name: 'nobody', credential: null, access: NONE },
    { name: 'administrator', credential: server.adminKey, access: ALL, administrator: true },
  ];
  for (const [kind, make] of Object.entries(KINDS)) {
    for (const [what, [grant, access]] of Object.entries(GRANTS)) {
      list.push({ name: `${kind}, ${what}`, credential: await make([{ board: 'shut', ...grant }]), access });
    }
  }
  const player = await new Client(server, null).post('/v1/tokens', { code, name: 'Ann' });
  assert.equal(player.status, 200, JSON.stringify(player.body));
  list.push({ name: 'player', credential: player.body.token, access: { ...NONE, read: 'all', publish: 'some' } });
  // What counts no more: it is refused, whatever it allowed.
  const whole = [{ board: 'shut', operations: ['read', 'history', 'publish', 'manage'] }];
  const deleted = await makeKey(whole);
  const ofDeleted = await admin.as(deleted.key).mint(whole);
  const expired = await admin.mint(whole, 1);
  const forged = `${expired.slice(0, -8)}AAAAAAAA`;
  assert.equal((await admin.as(ofDeleted).get('/v1/boards/shut/items')).status, 200);
  assert.equal((await admin.delete(`/v1/keys/${deleted.id}`)).status, 204);
  await sleep(2_500);
  const ended = {
    'deleted API key': deleted.key,
    'token of a deleted API key': ofDeleted,
    'expired token': expired,
    'forged token': forged,
    'key of nobody': 'hg_0123456789',
  };
  for (const [name, credential] of Object.entries(ended)) list.push({ name, credential, access: NONE, ended: true });
  return list;
}

/** Whether a caller with this access is answered. */
function isAllowed(needs, { access, administrator }) {
  const { read, history, publish, manage } = access;
  switch (needs) {
    case 'nothing':
    case 'own_part': return true;
    case 'mint': return read === 'all' && history === 'all';
    case 'see': return read !== 'none' || manage;
    case 'read': return read !== 'none';
    case 'history': return history !== 'none';
    case 'read_all': return read === 'all' || manage;
    case 'publish': return publish !== 'none';
    // A source's own secret, which none of them is: not even the administrator's key.
    case 'source': return false;
    case 'manage': return manage;
    case 'administrator': return administrator === true;
    default: throw new Error(`nobody knows what ${needs} needs`);
  }
}

/** Whether a caller sees this later only, and it can't be told so. */
const isTooLate = (row, needs, { access }) => access.read === 'late' && (['read', 'history'].includes(needs) || row.route === 'list_sessions');

function upgrade(path, mode, credential) {
  return new Promise((done, failed) => {
    const headers = {
      connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      ...(mode === null ? {} : { 'sec-websocket-protocol': mode }),
      ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
    };
    const call = request(server.url + path, { headers, agent: false });
    call.on('upgrade', (response, socket) => {
      socket.destroy();
      done({ status: response.statusCode, headers: new Headers(), body: '' });
    });
    call.on('response', (response) => {
      const chunks = [];
      response.on('data', (c) => chunks.push(c));
      response.on('end', () => done({
        status: response.statusCode,
        headers: new Headers(Object.entries(response.headers).map(([n, v]) => [n, String(v)])),
        body: (({ trace: _, ...problem }) => problem)(JSON.parse(Buffer.concat(chunks).toString())),
      }));
    });
    call.on('error', failed);
    call.end();
  });
}

function pathOf(row, wish, board, format) {
  const filled = row.path.replace(/\{(\w+)\}/g, (_, name) => (name === 'board' ? board : encodeURIComponent(wish.with[name])));
  const query = [wish.query, format === undefined || format === 'json' ? undefined : `format=${format}`].filter(Boolean);
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
}

/** Sends a request of the table; `form` is `{format}`, for a parameter, or `{accept}`, for a header. */
function send(row, wish, board, credential, form = {}) {
  const path = pathOf(row, wish, board, form.format);
  if (row.shape === 'feed') return upgrade(path, wish.mode, credential);
  const headers = form.accept === undefined ? {} : { accept: KINDS_OF_FORM[form.accept] };
  return new Client(server, credential).send(row.method, path, wish.body?.(board), headers);
}

/** The ways to ask for each form that a route has. */
function formsOf(row, wish) {
  const formats = FORMATS[wish.shape ?? row.shape];
  if (formats.length < 2) return [{}];
  return [...formats.map((format) => ({ format })), ...formats.map((accept) => ({ accept }))];
}

test('the table of requests has every route of the router, and no other', () => {
  assert.deepEqual(Object.keys(REQUESTS).sort(), TABLE.map((row) => row.route).sort());
});

test('f1_f27_every_route_answers_every_kind_of_credential_as_its_rights_say_in_every_form', async () => {
  const all = await credentials();
  let asked = 0;
  const wrong = [];
  for (const row of TABLE) {
    for (const wish of REQUESTS[row.route]) {
      const needs = wish.needs ?? row.needs;
      for (const caller of all) {
        const allowed = !caller.ended && isAllowed(needs, caller);
        if (wish.destroys && allowed) continue;
        for (const form of formsOf(row, wish)) {
          asked += 1;
          const answer = await send(row, wish, 'shut', caller.credential, form);
          let expected;
          if (caller.ended && needs !== 'nothing') expected = [401];
          else if (isTooLate(row, needs, caller)) expected = [403];
          else if (allowed || needs === 'nothing') expected = row.shape === 'feed' ? [101] : [wish.status ?? 200].flat();
          else expected = [caller.credential === null || row.shape === 'feed' || needs === 'source' ? 401 : 403];
          if (!expected.includes(answer.status)) {
            const what = `${row.method} ${pathOf(row, wish, 'shut', form.format)} ${form.accept ?? ''}`;
            wrong.push(`${what} as ${caller.name}: ${answer.status}, not ${expected}: ${JSON.stringify(answer.body).slice(0, 200)}`);
          }
          const kind = KINDS_OF_FORM[form.format ?? form.accept];
          if (answer.status === 200 && kind !== undefined && !answer.headers.get('content-type').startsWith(kind)) {
            wrong.push(`${row.path} as ${caller.name}: ${answer.headers.get('content-type')}, not ${kind}`);
          }
          if (row.route === 'list_boards' && !caller.ended) {
            const listed = answer.body.boards.some((b) => b.board === 'shut');
            if (listed !== isAllowed('see', caller)) wrong.push(`list of boards as ${caller.name}: ${listed}`);
          }
        }
      }
    }
  }
  console.log(`matrix: ${TABLE.length} routes, ${all.length} credentials, ${asked} requests`);
  assert.deepEqual(wrong, []);
  // Another key of the board than those that a credential is for.
  const some = await admin.token('shut', ['read', 'history', 'publish'], { keys: ['a-*'] });
  for (const tail of ['items/b-1', 'items/b-1/track', 'items/b-1/trips', 'items/b-1/series?field=n']) {
    const there = await admin.as(some).get(`/v1/boards/shut/${tail}`);
    const not = await admin.as(some).get(`/v1/boards/shut/${tail.replace('b-1', 'b-7')}`);
    assert.deepEqual([there.status, there.body], [404, not.body], tail);
    assert.equal(not.status, 404);
  }
  assert.equal((await upgrade('/v1/boards/shut/feed?realTimeItemKey=b-1', null, some)).status, 401);
  const refused = await admin.as(some).events('shut', { key: 'b-1' });
  assert.deepEqual([refused.body.accepted, refused.body.results[0].code], [0, 'key_not_allowed']);
  // Who may, deletes.
  for (const [i, make] of Object.values(KINDS).entries()) {
    const board = await admin.board(`doomed-${i}`, CONFIG);
    assert.equal((await admin.as(await make([{ board, operations: ['manage'] }])).delete(`/v1/boards/${board}`)).status, 204);
  }
});

test('f27_a_private_board_and_none_at_all_are_answered_the_same_on_every_route', async () => {
  const strangers = [null];
  for (const make of Object.values(KINDS)) strangers.push(await make([{ board: 'other', operations: ['read', 'history', 'publish', 'manage'] }]));
  const plain = ({ status, headers, body }, board) => ({
    status,
    headers: [...headers].filter(([name]) => !['date', 'content-length', 'heliograph-trace'].includes(name)),
    body: JSON.parse(JSON.stringify(body).replaceAll(board, 'BOARD')),
  });
  for (const row of TABLE.filter((r) => r.path.includes('{board}') || r.route === 'mint')) {
    for (const wish of REQUESTS[row.route]) {
      for (const credential of strangers) {
        const [there, not] = [await send(row, wish, 'shut', credential), await send(row, wish, 'nope', credential)];
        assert.deepEqual(plain(there, 'shut'), plain(not, 'nope'), `${row.method} ${row.path}`);
      }
    }
  }
});

test('f27_head_is_answered_like_get_without_a_body_and_other_methods_with_405', async () => {
  const kept = (headers) => [...headers].filter(([name]) => !['date', 'age', 'x-cache', 'heliograph-trace', 'content-length', 'etag', 'transfer-encoding', 'connection', 'keep-alive', 'vary', 'content-encoding'].includes(name));
  for (const row of TABLE) {
    const wish = REQUESTS[row.route][0];
    const path = pathOf(row, wish, 'shut');
    if (row.method === 'GET' && row.shape !== 'feed') {
      const get = await admin.get(path);
      const head = await admin.send('HEAD', path);
      assert.deepEqual([head.status, head.body], [get.status, ''], path);
      assert.deepEqual(kept(head.headers), kept(get.headers), path);
      assert.equal(head.headers.has('etag'), get.headers.has('etag'), path);
    }
    const wrong = await admin.send(/\/(sources\/\{name\}|dead-letters\/(\{id\}|export|replay))$/.test(row.path) ? 'PUT' : 'PATCH', path);
    assert.deepEqual([wrong.status, wrong.body.code], [405, 'method_not_allowed'], path);
    assert.ok(wrong.headers.get('allow').split(', ').includes(row.method), path);
    const asked = await admin.as(null).send('OPTIONS', path);
    assert.equal(asked.status, 204, path);
    assert.equal(asked.headers.get('access-control-allow-methods'), wrong.headers.get('allow'), path);
  }
});

test('f27_a_page_of_dead_letters_has_as_many_as_were_asked_for', async () => {
  const board = await admin.board('letters');
  for (let i = 0; i < 30; i += 1) await admin.events(board, [{ key: '' }, { key: '' }]);
  assert.equal((await admin.get(`/v1/boards/${board}/dead-letters?limit=10`)).body.dead_letters.length, 10);
});
