// The endpoint for AWS SDKs: boto3 and the clients for JavaScript, as they are, with the keys of a source. What is refused, and what
// awscli is told: aws_refusals.test.mjs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { FirehoseClient, PutRecordBatchCommand, PutRecordCommand as PutToFirehose } from '@aws-sdk/client-firehose';
import { DescribeStreamSummaryCommand, KinesisClient, ListShardsCommand, PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, SQSClient, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';

import { startServer } from '../server.mjs';
import { boto3, http2Front, options } from './support/aws.mjs';
import { Client } from './support/client.mjs';

let server;
let admin;
let keys;

before(async () => {
  server = await startServer();
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
  const { status, body } = await admin.post('/v1/boards/fleet/sources', { name: 'buses' });
  assert.equal(status, 201, JSON.stringify(body));
  keys = body.aws;
});
after(() => server?.stop());

const record = (key, more = {}) => JSON.stringify({ vehicleId: key, lat: 30.26, lon: -97.74, ...more });
const bytes = (text) => ({ $bytes: text });
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:buses';

/** Asserts that each of these keys has come once. */
async function assertOnce(...expected) {
  const { body } = await admin.get('/v1/boards/fleet/events?limit=10000');
  const found = body.events.map((e) => e.key).filter((key) => expected.includes(key));
  assert.deepEqual(found.sort(), [...expected].sort());
}

test('boto3 puts records, messages, events and rows, and is told in each service’s own words what became of each', async () => {
  const answers = boto3(server, keys, [
    ['firehose', 'put_record', { DeliveryStreamName: 'buses', Record: { Data: bytes(record('b-1')) } }],
    ['firehose', 'put_record_batch', { DeliveryStreamName: 'buses', Records: [{ Data: bytes(`${record('b-2')}\n${record('b-3')}\n`) }, { Data: bytes('nope') }] }],
    ['kinesis', 'put_record', { StreamName: 'buses', PartitionKey: 'p', Data: bytes(record('b-4')) }],
    ['kinesis', 'put_records', { StreamName: 'buses', Records: [{ PartitionKey: 'p', Data: bytes(record('b-5')) }, { PartitionKey: 'p', Data: bytes('[]') }] }],
    ['kinesis', 'put_record', { StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/buses', PartitionKey: 'p', Data: { $kpl: [record('b-6'), record('b-7')] } }],
    ['kinesis', 'list_shards', { StreamName: 'buses' }],
    ['kinesis', 'describe_stream_summary', { StreamName: 'buses' }],
    ['sqs', 'get_queue_url', { QueueName: 'buses' }],
    ['sqs', 'send_message', { QueueUrl: `${server.url}/aws/000000000000/buses`, MessageBody: record('b-8'), MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } } }],
    ['sqs', 'send_message_batch', { QueueUrl: 'buses', Entries: [{ Id: '1', MessageBody: record('b-9') }, { Id: '2', MessageBody: 'nope' }] }],
    ['events', 'put_events', { Entries: [{ Source: 's', DetailType: 'moved', Detail: record('b-10'), EventBusName: 'buses', Time: 1772366400.123456 }, { Source: 's', DetailType: 'moved', Detail: '7' }] }],
    ['sns', 'publish', { TopicArn: TOPIC, Message: record('b-11') }],
    ['dynamodb', 'put_item', { TableName: 'buses', Item: { vehicleId: { S: 'b-12' }, lat: { N: '30.26' }, lon: { N: '-97.74' }, route: { S: '801' } } }],
    ['dynamodb', 'update_item', { TableName: 'buses', Key: { vehicleId: { S: 'b-13' } }, UpdateExpression: 'SET #f = :f', ExpressionAttributeNames: { '#f': 'fuel' }, ExpressionAttributeValues: { ':f': { N: '0.5' } } }],
    ['dynamodb', 'batch_write_item', { RequestItems: { buses: [{ PutRequest: { Item: { vehicleId: { S: 'b-14' }, n: { N: '1' } } } }] } }],
  ]);
  const [one, batch, put, puts, , shards, summary, url, message, messages, events, published, , , rows] = answers;
  for (const answer of answers) assert.deepEqual([answer.error, answer.$attempts], [undefined, 1], JSON.stringify(answer));
  assert.match(one.RecordId, /^[0-9a-f-]{36}$/);
  assert.deepEqual([batch.FailedPutCount, batch.RequestResponses.map((r) => r.ErrorCode ?? null)], [1, [null, 'InvalidArgumentException']]);
  assert.deepEqual([put.ShardId, puts.FailedRecordCount, puts.Records[1].ErrorCode], ['shardId-000000000000', 1, 'InvalidArgumentException']);
  assert.match(put.SequenceNumber, /^[1-9]\d{20,}$/);
  assert.equal(shards.Shards.length, 1);
  assert.equal(summary.StreamDescriptionSummary.StreamStatus, 'ACTIVE');
  assert.equal(url.QueueUrl, `${server.url}/aws/000000000000/buses`);
  assert.ok(message.MessageId && message.MD5OfMessageAttributes);
  assert.deepEqual([messages.Successful.map((m) => m.Id), messages.Failed.map((m) => m.Id)], [['1'], ['2']]);
  assert.deepEqual([events.FailedEntryCount, events.Entries.map((e) => e.ErrorCode ?? null)], [1, [null, 'InvalidArgument']]);
  assert.ok(published.MessageId);
  assert.deepEqual(rows.UnprocessedItems, {});
  await assertOnce(...Array.from({ length: 14 }, (_, i) => `b-${i + 1}`));
  const items = (await admin.items('fleet')).items;
  assert.equal(items.get('b-10').time, 1_772_366_400_123);
  assert.deepEqual([items.get('b-12').position.lat, items.get('b-12').fields.route, items.get('b-13').fields.fuel], [30.26, '801', 0.5]);
  const letters = (await admin.get('/v1/boards/fleet/dead-letters?limit=10')).body.dead_letters;
  assert.equal(letters.length, 4);
  assert.ok(letters.every((letter) => letter.source === 'buses'));
});

test('the clients for JavaScript do, and check the checksums', async () => {
  const own = options(server, keys);
  const hose = new FirehoseClient(own);
  assert.ok((await hose.send(new PutToFirehose({ DeliveryStreamName: 'buses', Record: { Data: Buffer.from(record('j-1')) } }))).RecordId);
  const batch = await hose.send(new PutRecordBatchCommand({ DeliveryStreamName: 'buses', Records: ['nope', record('j-2')].map((r) => ({ Data: Buffer.from(r) })) }));
  assert.deepEqual([batch.FailedPutCount, batch.RequestResponses[0].ErrorCode], [1, 'InvalidArgumentException']);
  const queue = new SQSClient(own);
  const { QueueUrl } = await queue.send(new GetQueueUrlCommand({ QueueName: 'buses' }));
  assert.ok((await queue.send(new SendMessageCommand({ QueueUrl, MessageBody: record('j-3') }))).MessageId);
  const sent = await queue.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: record('j-4') }, { Id: 'b', MessageBody: '{' }] }));
  assert.deepEqual([sent.Successful[0].Id, sent.Failed[0].Id], ['a', 'b']);
  const events = await new EventBridgeClient(own).send(new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 't', Detail: record('j-5'), Time: new Date(1_772_366_400_123) }] }));
  assert.equal(events.FailedEntryCount, 0);
  assert.ok((await new SNSClient(own).send(new PublishCommand({ TopicArn: TOPIC, Message: record('j-6') }))).MessageId);
  const table = new DynamoDBClient(own);
  await table.send(new PutItemCommand({ TableName: 'buses', Item: { vehicleId: { S: 'j-7' }, n: { N: '1' } } }));
  await table.send(new UpdateItemCommand({ TableName: 'buses', Key: { vehicleId: { S: 'j-8' } }, UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': { N: '2' } } }));
  await table.send(new BatchWriteItemCommand({ RequestItems: { buses: [{ PutRequest: { Item: { vehicleId: { S: 'j-9' }, n: { N: '1' } } } }] } }));
  await assertOnce(...Array.from({ length: 9 }, (_, i) => `j-${i + 1}`));
  assert.equal((await admin.items('fleet')).items.get('j-5').time, 1_772_366_400_123);
});

test('the Kinesis client for JavaScript speaks HTTP/2, and HTTP/1.1 by the handler of node', async () => {
  const front = await http2Front(server);
  try {
    const own = options({ url: `http://127.0.0.1:${front.port}` }, keys);
    const kinesis = new KinesisClient(own);
    const put = await kinesis.send(new PutRecordCommand({ StreamName: 'buses', Data: Buffer.from(record('k-1')) }));
    assert.equal(put.ShardId, 'shardId-000000000000');
    const { Records } = await kinesis.send(new PutRecordsCommand({ StreamName: 'buses', Records: [{ Data: Buffer.from(record('k-2')) }] }));
    assert.equal(Records.length, 1);
    assert.match(front.seen[0].authorization, /SignedHeaders=:authority;/);
    kinesis.destroy();
  } finally {
    await front.stop();
  }
  const plain = new KinesisClient(options(server, keys, { requestHandler: new NodeHttpHandler() }));
  await plain.send(new PutRecordCommand({ StreamName: 'buses', PartitionKey: 'p', Data: Buffer.from(record('k-3')) }));
  assert.equal((await plain.send(new ListShardsCommand({ StreamName: 'buses' }))).Shards.length, 1);
  const { StreamDescriptionSummary: summary } = await plain.send(new DescribeStreamSummaryCommand({ StreamName: 'buses' }));
  assert.deepEqual([summary.StreamName, summary.StreamStatus, summary.OpenShardCount, summary.StreamModeDetails.StreamMode], ['buses', 'ACTIVE', 1, 'ON_DEMAND']);
  assert.ok(summary.StreamCreationTimestamp instanceof Date);
  await assert.rejects(plain.send(new DescribeStreamSummaryCommand({ StreamName: 'others' })), { name: 'ResourceNotFoundException' });
  await assert.rejects(plain.send(new PutRecordCommand({ StreamName: 'buses', Data: Buffer.from(record('k-4')), DryRun: true })), { name: 'DryRunOperationException' });
  await assertOnce('k-1', 'k-2', 'k-3');
});
