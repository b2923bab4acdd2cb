// What programs push to a viewer's connection from behind, as they do with API Gateway: boto3, the client for JavaScript and wscat.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import WebSocket from 'ws';

import { startServer } from '../server.mjs';
import { boto3, options, signedCall } from './support/aws.mjs';
import { Client } from './support/client.mjs';
import { BINARY_FEED, Feed } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';
import { Wscat } from './support/wscat.mjs';

let server;
let admin;
let keys;
let stranger;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  const source = async (board, name) => {
    await admin.board(board, { key_name: 'vehicleId' });
    const { status, body } = await admin.post(`/v1/boards/${board}/sources`, { name });
    assert.equal(status, 201, JSON.stringify(body));
    return body.aws;
  };
  keys = await source('fleet', 'buses');
  stranger = await source('other', 'strangers');
});
after(() => server?.stop());

/** A plain viewer: what it was sent, the id that its upgrade had, and the code when it was closed. */
async function plain(key) {
  const viewer = { messages: [], closed: null };
  viewer.socket = new WebSocket(`${server.wsUrl}/v1/boards/fleet/feed?vehicleId=${key}`);
  viewer.socket.on('upgrade', ({ headers }) => (viewer.id = headers['heliograph-connection']));
  viewer.socket.on('message', (data) => viewer.messages.push(data.toString()));
  viewer.socket.on('close', (code) => (viewer.closed = code));
  await new Promise((done, failed) => viewer.socket.on('open', done).on('error', failed));
  return viewer;
}

/** A viewer in JSON, and the id that it was greeted with. */
async function json(board = 'fleet') {
  const feed = await Feed.open(server, board);
  return { feed, id: (await feed.message((m) => m.type === 'status', 'the greeting')).connection };
}

const call = (id, method = 'POST', body = method === 'POST' ? 'hello' : undefined, own = keys) =>
  signedCall(server, own, null, body ?? '', { method, path: `/aws/@connections/${id}`, meddle: (sent) => (body === undefined ? { headers: sent.headers } : sent) });

test('boto3 tells a plain viewer something, looks at it and ends it', async () => {
  const viewer = await plain('3');
  const [told, looked] = boto3(server, keys, [
    ['apigatewaymanagementapi', 'post_to_connection', { ConnectionId: viewer.id, Data: { $bytes: '{"realTimeItemKey":"3","note":"ä"}' } }],
    ['apigatewaymanagementapi', 'get_connection', { ConnectionId: viewer.id }],
  ]);
  assert.deepEqual([told.error, told.$attempts], [undefined, 1], JSON.stringify(told));
  assert.ok(Math.abs(Date.parse(looked.ConnectedAt) - Date.now()) < 60_000, looked.ConnectedAt);
  await eventually(() => viewer.messages.length === 1, 'the message');
  assert.deepEqual(viewer.messages, ['{"realTimeItemKey":"3","note":"ä"}']);
  const [ended, gone, lost] = boto3(server, keys, [
    ['apigatewaymanagementapi', 'delete_connection', { ConnectionId: viewer.id }],
    ['apigatewaymanagementapi', 'post_to_connection', { ConnectionId: viewer.id, Data: { $bytes: 'late' } }],
    ['apigatewaymanagementapi', 'get_connection', { ConnectionId: 'L0SM9cOFvHcCIhw=' }],
  ]);
  assert.equal(ended.error, undefined, JSON.stringify(ended));
  // Programs forget a connection when they hear this name.
  assert.deepEqual([gone.error, gone.status, lost.error, lost.status], ['GoneException', 410, 'GoneException', 410]);
  assert.equal((await call(viewer.id)).status, 410);
});

test('the client for JavaScript reaches viewers in JSON, each its own', async () => {
  const client = new ApiGatewayManagementApiClient(options(server, keys));
  const [one, two] = [await json(), await json()];
  assert.notEqual(one.id, two.id);
  await client.send(new PostToConnectionCommand({ ConnectionId: one.id, Data: Buffer.from('to one') }));
  await client.send(new PostToConnectionCommand({ ConnectionId: two.id, Data: '{"to":"two"}' }));
  assert.equal((await one.feed.message((m) => m.type === 'message', 'words for one')).data, 'to one');
  assert.equal((await two.feed.message((m) => m.type === 'message', 'words for two')).data, '{"to":"two"}');
  const { ConnectedAt } = await client.send(new GetConnectionCommand({ ConnectionId: one.id }));
  assert.ok(Math.abs(ConnectedAt - Date.now()) < 60_000);
  // workerd ends no connection of a client that never said anything.
  await one.feed.subscribe(1);
  await client.send(new DeleteConnectionCommand({ ConnectionId: one.id }));
  assert.equal(await one.feed.end(5_000), 4503);
  assert.equal((await one.feed.message((m) => m.type === 'bye', 'the last word')).reconnect, false);
  await assert.rejects(client.send(new GetConnectionCommand({ ConnectionId: one.id })), { name: 'GoneException' });
  // The other one goes on.
  await client.send(new PostToConnectionCommand({ ConnectionId: two.id, Data: 'still here' }));
  await two.feed.message((m) => m.data === 'still here', 'words after the other’s end');
  await two.feed.close();
});

test('wscat is greeted with the id of its connection, and shows what is pushed to it', async () => {
  const cat = new Wscat(server, '/v1/boards/fleet/feed');
  await cat.count(1);
  assert.equal((await call(cat.messages[0].connection, 'POST', 'to wscat')).status, 200);
  await cat.count(2);
  assert.deepEqual(cat.messages[1], { type: 'message', data: 'to wscat' });
  cat.stop();
});

test('a connection is reached by the keys of its own board alone, and is gone once it was left or the worker was killed', async () => {
  const { feed, id } = await json();
  assert.equal((await call(id, 'GET', undefined, stranger)).status, 410);
  const abroad = await json('other');
  assert.equal((await call(abroad.id)).status, 410);
  for (const [method, own, named] of [['POST', { ...keys, secret_access_key: 'x'.repeat(40) }, 'ForbiddenException'], ['DELETE', { ...keys, access_key_id: 'AKIDEXAMPLE' }, 'ForbiddenException']]) {
    const answer = await call(id, method, method === 'POST' ? 'no' : undefined, own);
    assert.deepEqual([answer.status, answer.headers.get('x-amzn-errortype')], [403, named]);
  }
  const unsigned = await fetch(`${server.url}/aws/@connections/${id}`, { method: 'DELETE', headers: admin.authorization });
  assert.equal(unsigned.status, 401);
  assert.deepEqual(feed.messages.filter((m) => m.type === 'message'), []);
  await feed.close();
  await abroad.feed.close();
  await eventually(async () => (await call(id)).status === 410, 'a connection that was left is gone');
  const last = await json();
  assert.equal((await call(last.id)).status, 200);
  await server.kill9();
  await server.restart();
  assert.equal((await call(last.id)).status, 410);
});

test('a message is text of at most 128 KiB, and binary viewers have no words', async () => {
  const viewer = await plain('4');
  const long = await call(viewer.id, 'POST', 'x'.repeat(131_072));
  assert.equal(long.status, 200, JSON.stringify(long.body));
  const longer = await call(viewer.id, 'POST', 'x'.repeat(131_073));
  assert.deepEqual([longer.status, longer.headers.get('x-amzn-errortype')], [413, 'PayloadTooLargeException']);
  await eventually(() => viewer.messages.length === 1, 'the long message');
  assert.equal(viewer.messages[0].length, 131_072);
  const [relay, number, since] = viewer.id.split('.').map(Number);
  assert.equal((await call(`${relay}.${number}.${since - 1}`)).status, 410);
  assert.equal((await call('..%2F..%2Fetc')).status, 410);
  viewer.socket.close();
  const feed = new WebSocket(`${server.wsUrl}/v1/boards/fleet/feed`, [BINARY_FEED]);
  const id = await new Promise((done, failed) => feed.on('upgrade', ({ headers }) => done(headers['heliograph-connection'])).on('error', failed));
  const answer = await call(id);
  assert.deepEqual([answer.status, answer.headers.get('x-amzn-errortype')], [400, 'BadRequestException']);
  assert.equal((await call(id, 'GET')).status, 200);
  feed.close();
});
