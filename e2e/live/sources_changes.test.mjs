// Rows of databases: a change is an event, a deletion ends the item, in the order in which they happened, once each.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { DeleteItemCommand, DynamoDBClient, PutItemCommand, BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { Feed } from './support/feed.mjs';
import { eventually } from './support/wait.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  admin = new Client(server);
});
after(() => server?.stop());

async function source(board, more = {}) {
  await admin.board(board, more.config);
  const { status, body } = await admin.post(`/v1/boards/${board}/sources`, { name: board, ...more.source });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

const change = (eventID, eventName, id, n) => ({
  eventID, eventName, eventSource: 'aws:dynamodb', eventVersion: '1.1', awsRegion: 'us-east-1',
  dynamodb: {
    ApproximateCreationDateTime: 1772366400, Keys: { vehicleId: { S: id } }, SequenceNumber: eventID, SizeBytes: 10, StreamViewType: 'NEW_AND_OLD_IMAGES',
    ...(eventName === 'REMOVE' ? { OldImage: { vehicleId: { S: id } } } : { NewImage: { vehicleId: { S: id }, n: { N: String(n) } } }),
  },
});

test('a row that a table removes ends, one that is put again begins anew, and a batch that comes again changes nothing', async () => {
  const { secret } = await source('table', { config: { key_name: 'vehicleId' } });
  const batch = [
    change('1', 'INSERT', 'a', 1), change('2', 'INSERT', 'b', 1), change('3', 'REMOVE', 'a'), change('4', 'INSERT', 'c', 1),
    change('5', 'REMOVE', 'b'), change('6', 'INSERT', 'b', 2), change('7', 'MODIFY', 'c', 2),
  ];
  const send = () => admin.as(secret).post('/v1/ingest/table', batch);
  const first = await send();
  assert.deepEqual([first.status, first.body], [200, { batchItemFailures: [] }]);
  const shown = async () => [...(await admin.items('table')).items].map(([key, { fields }]) => [key, fields.n]).sort();
  assert.deepEqual(await shown(), [['b', 2], ['c', 2]]);
  for (let times = 0; times < 2; times += 1) {
    assert.equal((await send()).status, 200);
    assert.deepEqual(await shown(), [['b', 2], ['c', 2]], 'what comes again ends nothing');
  }
  await server.kill9();
  await server.restart();
  assert.deepEqual(await shown(), [['b', 2], ['c', 2]]);
  assert.equal((await send()).status, 200);
  assert.deepEqual(await shown(), [['b', 2], ['c', 2]], 'also after a restart');
});

test('a viewer is told that an item ended, and what began anew is told whole', async () => {
  const { secret } = await source('told', { config: { key_name: 'vehicleId' } });
  const send = (...records) => admin.as(secret).post('/v1/ingest/told', records);
  await send(change('1', 'INSERT', 'a', 1));
  const feed = await Feed.open(server, 'told', { credential: admin.credential });
  await feed.subscribe(1);
  await send(change('2', 'REMOVE', 'a'));
  await eventually(() => !feed.replica(1).items.has('a'), 'it ends on the feed');
  await send(change('3', 'INSERT', 'a', 3));
  await eventually(() => feed.replica(1).items.get('a')?.fields.n === 3, 'it begins anew on the feed');
  await feed.close();
});

test('a removal that can\'t be is a letter, is named for another try, and is not replayed as an event', async () => {
  const { secret } = await source('odd', { config: { key_name: 'vehicleId' } });
  const bad = change('9', 'REMOVE', 'x'.repeat(200));
  const { body } = await admin.as(secret).post('/v1/ingest/odd', [change('8', 'INSERT', 'a', 1), bad]);
  assert.deepEqual(body, { batchItemFailures: [{ itemIdentifier: '9' }] });
  const [letter] = (await admin.get('/v1/boards/odd/dead-letters')).body.dead_letters;
  assert.equal(letter.record.eventName, 'REMOVE');
  const pipeline = [{ name: 'mark', map: { set: { via: 'mark' } } }];
  const piped = await source('piped', { config: { key_name: 'vehicleId', pipeline } });
  await admin.as(piped.secret).post('/v1/ingest/piped', [change('1', 'INSERT', 'a', 1)]);
  const refused = await admin.as(piped.secret).post('/v1/ingest/piped', [change('2', 'REMOVE', 'a')]);
  assert.deepEqual(refused.body, { batchItemFailures: [{ itemIdentifier: '2' }] });
  const [kept] = (await admin.get('/v1/boards/piped/dead-letters')).body.dead_letters;
  assert.equal(kept.code, 'not_allowed');
  await admin.put('/v1/boards/piped', { title: 'piped', visibility: 'public', key_name: 'vehicleId' });
  const { body: replayed } = await admin.post(`/v1/boards/piped/dead-letters/${kept.id}/replay`, {});
  assert.ok((await admin.items('piped')).items.has('a'), JSON.stringify(replayed));
  assert.equal((await admin.get('/v1/boards/piped/dead-letters')).body.dead_letters.length, 1, JSON.stringify(replayed));
});

test('the SDK for DynamoDB deletes items, alone and in a batch', async () => {
  const { aws } = await source('sdk', { config: { key_name: 'vehicleId' } });
  const client = new DynamoDBClient({ endpoint: `${server.url}/aws`, region: aws.region, credentials: { accessKeyId: aws.access_key_id, secretAccessKey: aws.secret_access_key } });
  const key = (id) => ({ vehicleId: { S: id } });
  for (const id of ['a', 'b', 'c']) await client.send(new PutItemCommand({ TableName: 'sdk', Item: { ...key(id), n: { N: '1' } } }));
  await client.send(new DeleteItemCommand({ TableName: 'sdk', Key: key('a') }));
  const requests = [{ DeleteRequest: { Key: key('b') } }, { PutRequest: { Item: { ...key('d'), n: { N: '1' } } } }];
  await client.send(new BatchWriteItemCommand({ RequestItems: { sdk: requests } }));
  assert.deepEqual([...(await admin.items('sdk')).items.keys()].sort(), ['c', 'd']);
  await assert.rejects(client.send(new DeleteItemCommand({ TableName: 'sdk', Key: key('c'), ConditionExpression: 'n = :n', ExpressionAttributeValues: { ':n': { N: '1' } } })));
  client.destroy();
});

test('rows of Debezium by HTTP, and of DMS in a stream of Kinesis, come, change and end', async () => {
  const { secret } = await source('rows');
  const debezium = (op, lsn, row) => ({ before: op === 'd' ? row : null, after: op === 'd' ? null : row, op, ts_ms: 1772366400900, source: { connector: 'postgresql', ts_ms: 1772366400000, table: 'bus', lsn } });
  const send = async (body) => {
    const answer = await admin.as(secret).post('/v1/ingest/rows', body, { 'content-type': 'application/json' });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  await send(debezium('r', 1, { id: 7, route: '801' }));
  await send(debezium('u', 2, { id: 7, route: '802' }));
  assert.equal((await admin.items('rows')).items.get('7').fields.route, '802');
  assert.equal((await send(debezium('u', 2, { id: 7, route: '802' }))).duplicate, 1);
  await send([debezium('d', 3, { id: 7 }), debezium('c', 4, { id: 8, route: '1' })]);
  assert.deepEqual([...(await admin.items('rows')).items.keys()], ['8']);
  const stream = (n, operation, data) => ({
    eventSource: 'aws:kinesis', eventID: `shardId-000000000000:${n}`, sequenceNumber: String(n), partitionKey: 'p', approximateArrivalTimestamp: 1772366400,
    data: Buffer.from(JSON.stringify({ data, metadata: { timestamp: '2026-03-01T12:00:00Z', 'record-type': 'data', operation, 'schema-name': 's', 'table-name': 't' } })).toString('base64'),
  });
  await send([stream(1, 'load', { id: 9, n: 1 }), stream(2, 'update', { id: 9, n: 2 }), stream(3, 'insert', { id: 10, n: 1 }), stream(4, 'delete', { id: 10 })]);
  const { items } = await admin.items('rows');
  assert.deepEqual([...items.keys()].sort(), ['8', '9']);
  assert.equal(items.get('9').fields.n, 2);
});
