// infra/aws-sources.yaml: checked by cfn-lint, deployed to moto as far as moto goes, and what it makes sends to the real worker.
//
// moto has the services but not all of their deliveries. Firehose and SNS deliver by themselves; the front adds the headers that
// Firehose documents and moto leaves out. Pipes, IoT rules and API destinations deliver nothing there, so the test does what they
// document: it takes the records from moto's own streams and queues, and sends them to the address and with the headers of the
// template. docs/sources/aws-template.md says the same.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { join } from 'node:path';

import { ROOT, startServer } from '../server.mjs';
import { AwsPlace } from './support/aws_place.mjs';
import { Certificate, Front, Moto, noMoto, python } from './support/aws_stack.mjs';
import { Client } from './support/client.mjs';
import { declaring, reachingHere } from './support/object_store.mjs';

const TEMPLATE = join(ROOT, 'infra/aws-sources.yaml');
const ACCOUNT = '123456789012';
const arn = (service, rest) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`;
/** The parts, and the name of the source of each. */
const PARTS = { Firehose: 'hose', Sns: 'orders', Iot: 'rules', Table: 'rows', Stream: 'shards', Queue: 'messages', Bucket: 'inbox' };
const ENVELOPES = { Firehose: 'firehose', Sns: 'sns', Iot: 'iot', Table: 'pipes', Stream: 'pipes', Queue: 'pipes', Bucket: 's3' };
/** Logical ids that don't begin with their part's name. */
const OTHERWISE = { Topic: 'Sns', KinesisStream: 'Stream', MessageQueue: 'Queue', MadeBucket: 'Bucket' };

let moto;
let certificate;
let place;
let server;
let front;
let admin;
let secrets;
let stack;

/** The parameters of some parts, with the secrets that moto keeps. */
function parameters(parts, more = {}) {
  const pairs = parts.flatMap((part) => [[`${part}Source`, PARTS[part]], [`${part}Secret`, secrets[part]]]);
  return { Endpoint: front.url, ...Object.fromEntries(pairs), ...more };
}

/** Puts each source's secret where the template reads it. */
async function keep(shown) {
  const create = async ([part, secret]) => {
    const words = ['--name', `heliograph/${PARTS[part]}`, '--secret-string', JSON.stringify({ api_key: secret })];
    return [part, (await moto.aws('secretsmanager', 'create-secret', ...words)).ARN];
  };
  return Object.fromEntries(await Promise.all(Object.entries(shown).map(create)));
}

before(async () => {
  if (noMoto) return;
  certificate = new Certificate();
  moto = await Moto.start(certificate.file);
  place = await AwsPlace.start();
  // The operator's target for S3's objects is a bucket of moto.
  const target = { endpoint: moto.url, region: 'us-east-1', bucket: 'my-inbox', prefix: 'in/', path_style: true, access_key_id: 'a', secret_access_key: 'b' };
  const env = { ...place.env, ARCHIVE_INBOX: JSON.stringify(target), HELIOGRAPH_PRIVATE_TARGETS: 'allow' };
  server = await startServer({ env, config: (text) => declaring('ARCHIVE_INBOX')(reachingHere(text)) });
  front = await Front.start(certificate, () => server.url);
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
  const from = { Sns: { topics: [arn('sns', 'feeds-orders')] }, Iot: { accounts: [ACCOUNT] }, Bucket: { objects: { target: 'INBOX' } } };
  const shown = {};
  for (const [part, name] of Object.entries(PARTS)) {
    const { status, body } = await admin.post('/v1/boards/fleet/sources', { name, envelope: ENVELOPES[part], ...(from[part] && { from: from[part] }) });
    assert.equal(status, 201, JSON.stringify(body));
    shown[part] = body.secret;
  }
  secrets = await keep(shown);
  await moto.aws('s3api', 'create-bucket', '--bucket', 'my-inbox');
  stack = await moto.deploy(TEMPLATE, parameters(Object.keys(PARTS), { Bucket: 'my-inbox' }));
});
after(async () => {
  await front?.stop();
  await server?.stop();
  await Promise.all([moto?.stop(), place?.stop()]);
  certificate?.remove();
});

const skip = noMoto;
const item = async (key) => (await admin.items('fleet')).items.get(key);
const letters = async (source) => (await admin.get(`/v1/boards/fleet/dead-letters?source=${source}`)).body.dead_letters;

test('cfn-lint has nothing to say, whether the parts are left out, made, or there already', { skip }, async () => {
  const own = {
    SnsTopic: arn('sns', 'orders'), TableStream: arn('dynamodb', 'table/rows/stream/2026-03-01T12:00:00.000'), Stream: arn('kinesis', 'stream/shards'),
    Queue: arn('sqs', 'messages'), Bucket: 'my-inbox', AlarmTopic: arn('sns', 'alarms'),
  };
  const made = { ...parameters(Object.keys(PARTS)), Endpoint: 'https://board.example.com' };
  for (const given of [{}, made, { ...made, ...own }]) {
    const words = Object.entries(given).map(([name, value]) => `${name}=${value}`);
    const { status, stdout, stderr } = await python('cfn-lint', [TEMPLATE, '--include-checks', 'I', ...(words.length ? ['--parameters', ...words] : [])]);
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  }
  // It would say something of a value that does not fit.
  assert.notEqual((await python('cfn-lint', [TEMPLATE, '--parameters', 'TableSecret=x'])).status, 0);
});

test('each part is made alone, when its secret is given, and what is there already is not made', { skip }, async () => {
  const own = await Moto.start(certificate.file);
  try {
    for (const part of Object.keys(PARTS)) {
      await own.reset();
      const words = ['--name', part, '--secret-string', '{"api_key":"hgs_1"}'];
      const secret = (await own.aws('secretsmanager', 'create-secret', ...words)).ARN;
      const made = await own.deploy(TEMPLATE, { Endpoint: front.url, [`${part}Source`]: 'one', [`${part}Secret`]: secret });
      const ids = [...Object.keys(made.stack), ...Object.keys(made.called), ...Object.keys(made.unknown)];
      assert.ok(ids.length > 3, `${part}: ${ids}`);
      for (const id of ids) assert.equal(OTHERWISE[id] ?? part, part, id);
      for (const id of ids.filter((one) => OTHERWISE[one] === undefined)) assert.ok(id.startsWith(part), `${id} of ${part}`);
    }
  } finally {
    await own.stop();
  }
  assert.ok(!('MadeBucket' in stack.stack));
});

test('a secret without a source, a source without a secret and an address that is no origin are refused by name', { skip }, async () => {
  const refused = async (given) => {
    const error = await moto.deploy(TEMPLATE, { Endpoint: front.url, ...given }).catch((failure) => failure);
    return error.message;
  };
  assert.match(await refused({ QueueSecret: secrets.Queue }), /QueueSource and QueueSecret are given together/);
  assert.match(await refused({ QueueSource: 'messages' }), /QueueSource and QueueSecret are given together/);
  for (const Endpoint of ['http://board.example.com', 'https://board.example.com/', 'https://any:one@board.example.com']) {
    assert.match(await refused({ Endpoint }), /Endpoint does not match/);
  }
  assert.match(await refused({ TableSource: 'rows', TableSecret: 'hgs_1' }), /TableSecret does not match/);
});

test('what moto makes of the template, and what it can not', { skip }, () => {
  const { stack: made, called, unknown } = stack;
  const failures = ['Sns', 'Iot', 'Table', 'Stream', 'Queue', 'Bucket'].map((part) => `${part}Failures`);
  const roles = ['Firehose', 'Iot', 'Table', 'Stream', 'Queue', 'Bucket'].map((part) => `${part}Role`);
  const byStack = [...failures, ...roles, 'FirehoseBackup', 'FirehoseLog', 'Topic', 'Table', 'KinesisStream', 'MessageQueue', 'BucketRule'];
  assert.deepEqual(Object.keys(made).sort(), byStack.sort());
  // Its CloudFormation leaves these out; its services have their calls.
  const alarms = Object.keys(PARTS).map((part) => `${part}Alarm`);
  const places = ['Table', 'Stream', 'Queue', 'Bucket'].flatMap((part) => [`${part}Connection`, `${part}Destination`]);
  const byCalls = [...alarms, ...places, 'TablePipe', 'StreamPipe', 'QueuePipe', 'FirehoseLogStream', 'FirehoseStream', 'SnsSubscription',
    'SnsFailuresPolicy', 'BucketFailuresPolicy', 'IotRule'];
  assert.deepEqual(Object.keys(called).sort(), byCalls.sort());
  // It has no destinations of IoT's rules at all.
  assert.deepEqual(unknown, { IotDestination: ['iot', 'create_topic_rule_destination'] });
});

test('each role does what its part needs and nothing on everything', { skip }, async () => {
  const allowed = {};
  for (const [id, name] of Object.entries(stack.stack).filter(([one]) => one.endsWith('Role'))) {
    const { PolicyNames } = await moto.aws('iam', 'list-role-policies', '--role-name', name);
    for (const policy of PolicyNames) {
      const { PolicyDocument } = await moto.aws('iam', 'get-role-policy', '--role-name', name, '--policy-name', policy);
      // moto shows what CloudFormation made as Python writes it.
      const { Statement } = JSON.parse(PolicyDocument.replaceAll("'", '"'));
      for (const { Effect, Action, Resource } of Statement) {
        assert.equal(Effect, 'Allow');
        for (const action of [Action].flat()) {
          assert.doesNotMatch(action, /\*/);
          (allowed[id] ??= []).push(action);
        }
        for (const resource of [Resource].flat()) assert.match(resource, /^arn:aws:[a-z0-9]+:[a-z0-9-]*:[0-9]*:[^*]+(\/\*)?$/, `${id} ${resource}`);
      }
    }
    const { Role } = await moto.aws('iam', 'get-role', '--role-name', name);
    assert.ok(Role.AssumeRolePolicyDocument.Statement.every((one) => one.Condition.StringEquals), id);
  }
  assert.deepEqual(Object.keys(allowed).sort(), ['BucketRole', 'FirehoseRole', 'IotRole', 'QueueRole', 'StreamRole', 'TableRole']);
  assert.deepEqual(allowed.BucketRole, ['events:InvokeApiDestination']);
  assert.deepEqual(allowed.IotRole, ['sqs:SendMessage']);
  assert.ok(allowed.TableRole.includes('sqs:SendMessage') && !allowed.QueueRole.includes('sqs:SendMessage'));
});

test('the outputs say what the sources need next', { skip }, async () => {
  const { outputs } = stack;
  const names = ['FirehoseNext', 'FirehoseBackupBucket', 'SnsNext', 'IotNext', 'IotDestinationArn', 'TableNext', 'TableName', 'StreamNext', 'QueueNext', 'QueueUrl', 'BucketNext'];
  assert.deepEqual(Object.keys(outputs).sort(), names.sort());
  for (const [source, text] of [['orders', outputs.SnsNext], ['rules', outputs.IotNext]]) {
    const { status, body } = await admin.send('PATCH', `/v1/boards/fleet/sources/${source}`, JSON.parse(text));
    assert.equal(status, 200, JSON.stringify(body));
  }
  const first = await moto.shell(outputs.FirehoseNext.replace('--cli-binary-format raw-in-base64-out', ''));
  assert.equal(first.status, 0, first.stderr);
  const [{ body }] = front.taken('/v1/ingest/hose');
  assert.deepEqual(JSON.parse(Buffer.from(JSON.parse(body).records[0].data, 'base64')), { key: 'first', fields: { n: 1 } });
});

test('no secret is in the stack', { skip }, async () => {
  const body = await moto.aws('cloudformation', 'get-template', '--stack-name', 'feeds');
  const [described] = (await moto.aws('cloudformation', 'describe-stacks', '--stack-name', 'feeds')).Stacks;
  const shown = JSON.stringify([body, described, stack.outputs]);
  assert.equal(Object.keys(stack.secrets).length, 6);
  for (const secret of Object.values(stack.secrets)) assert.ok(/^hgs_/.test(secret) && !shown.includes(secret));
});

test('Firehose delivers to the source, with the headers that it documents and moto leaves out', { skip }, async () => {
  const path = '/v1/ingest/hose';
  const put = (key) => moto.aws('firehose', 'put-record', '--delivery-stream-name', 'feeds-FirehoseStream', '--record', JSON.stringify({ Data: JSON.stringify({ vehicleId: key, lat: 30.25, lon: -97.75 }) }));
  await put('f1');
  // moto sends no access key, and does not look at the answer.
  const [alone] = front.taken(path);
  assert.deepEqual([alone.method, alone.status, alone.headers['x-amz-firehose-access-key']], ['POST', 401, undefined]);
  const { HttpEndpointDestinationConfiguration: wanted } = stack.properties.FirehoseStream;
  const { SecretString } = await moto.aws('secretsmanager', 'get-secret-value', '--secret-id', wanted.SecretsManagerConfiguration.SecretARN);
  front.added.set(path, ({ body }) => ({
    'x-amz-firehose-protocol-version': '1.0', 'x-amz-firehose-request-id': JSON.parse(body).requestId, 'x-amz-firehose-access-key': JSON.parse(SecretString).api_key,
  }));
  await put('f2');
  assert.equal(front.taken(path)[0].status, 200);
  assert.equal(await item('f1'), undefined);
  assert.equal((await item('f2')).position.lat, 30.25);
  assert.deepEqual([wanted.S3BackupMode, wanted.RequestConfiguration.ContentEncoding, wanted.BufferingHints.SizeInMBs], ['FailedDataOnly', 'GZIP', 1]);
});

test('SNS delivers to the source by itself, signed, and with the password of the address', { skip }, async () => {
  const topic = stack.stack.Topic;
  assert.equal(topic, arn('sns', 'feeds-orders'));
  const publish = () => moto.aws('sns', 'publish', '--topic-arn', topic, '--message', JSON.stringify({ vehicleId: 's1', lat: 30.5, lon: -97.5 }));
  await publish();
  const [first] = front.taken('/v1/ingest/orders');
  // The worker asks SNS for the certificate. moto has it, for whom its server takes for a caller of SNS.
  const { pathname } = new URL(JSON.parse(first.body).SigningCertURL);
  assert.deepEqual([first.status, place.visits()], [503, [pathname]]);
  const authorization = 'AWS4-HMAC-SHA256 Credential=a/20260301/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0';
  const pem = await fetch(moto.url + pathname, { headers: { authorization } }).then((r) => r.text());
  assert.match(pem, /BEGIN CERTIFICATE/);
  place.pages.set(pathname, pem);
  const again = await fetch(`${server.url}/v1/ingest/orders`, { method: 'POST', headers: first.headers, body: first.body }).then((r) => r.status);
  assert.equal(again, 200);
  assert.equal((await item('s1')).position.lat, 30.5);
  const { RedrivePolicy, RawMessageDelivery } = stack.properties.SnsSubscription;
  assert.deepEqual([RedrivePolicy.deadLetterTargetArn.split(':').pop(), RawMessageDelivery], [stack.stack.SnsFailures.split('/').pop(), 'false']);
});

/** Sends as an API destination does, with the connection's key; `{status, body}`. */
async function invoke(part, body) {
  const { InvocationEndpoint, HttpMethod } = stack.properties[`${part}Destination`];
  const { ApiKeyName, ApiKeyValue } = stack.properties[`${part}Connection`].AuthParameters.ApiKeyAuthParameters;
  const headers = { [ApiKeyName]: ApiKeyValue, 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Amazon/EventBridge/ApiDestinations', range: 'bytes=0-1048575' };
  const response = await fetch(InvocationEndpoint.replace(front.url, server.url), { method: HttpMethod, headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

test("rows of the table reach the board as the pipe sends them, and a refused one is named", { skip }, async () => {
  const { Source, SourceParameters, Target } = stack.properties.TablePipe;
  assert.equal(Target.split('/')[1], 'feeds-TableDestination');
  const row = (key, more) => JSON.stringify({ vehicleId: { S: key }, lat: { N: '51.5' }, ...more });
  for (const one of [row('t1', { lon: { N: '-0.12' } }), row('t2', { lon: { N: '200' } })]) {
    await moto.aws('dynamodb', 'put-item', '--table-name', stack.stack.Table, '--item', one);
  }
  const streams = (...words) => moto.aws('dynamodbstreams', ...words);
  const { StreamDescription } = await streams('describe-stream', '--stream-arn', Source);
  assert.equal(StreamDescription.StreamViewType, 'NEW_IMAGE');
  const place = ['--stream-arn', Source, '--shard-id', StreamDescription.Shards[0].ShardId, '--shard-iterator-type', 'TRIM_HORIZON'];
  const { Records } = await streams('get-records', '--shard-iterator', (await streams('get-shard-iterator', ...place)).ShardIterator);
  assert.equal(Records.length, 2);
  const { status, body } = await invoke('Table', Records.map((one) => ({ ...one, eventSourceARN: Source })));
  assert.deepEqual([status, body], [200, { batchItemFailures: [{ itemIdentifier: Records[1].eventID }] }]);
  assert.deepEqual((await item('t1')).position, { lat: 51.5, lon: -0.12 });
  assert.equal((await letters('rows')).length, 1);
  const limits = SourceParameters.DynamoDBStreamParameters;
  assert.ok(limits.MaximumRetryAttempts > 0 && limits.MaximumRecordAgeInSeconds > 0 && limits.DeadLetterConfig.Arn.includes('TableFailures'));
});

test('records of the Kinesis stream reach the board as the pipe sends them', { skip }, async () => {
  const { Source } = stack.properties.StreamPipe;
  const name = Source.split('/')[1];
  await moto.aws('kinesis', 'put-record', '--stream-name', name, '--partition-key', 'p', '--data', JSON.stringify({ vehicleId: 'k1', lat: 1.5, lon: 2.5 }));
  const place = ['--stream-name', name, '--shard-id', 'shardId-000000000000', '--shard-iterator-type', 'TRIM_HORIZON'];
  const { Records } = await moto.aws('kinesis', 'get-records', '--shard-iterator', (await moto.aws('kinesis', 'get-shard-iterator', ...place)).ShardIterator);
  const records = Records.map(({ Data, PartitionKey, SequenceNumber, ApproximateArrivalTimestamp }) => ({
    kinesisSchemaVersion: '1.0', partitionKey: PartitionKey, sequenceNumber: SequenceNumber, data: Data, approximateArrivalTimestamp: ApproximateArrivalTimestamp,
    eventSource: 'aws:kinesis', eventID: `shardId-000000000000:${SequenceNumber}`, eventName: 'aws:kinesis:record', awsRegion: 'us-east-1', eventSourceARN: Source,
  }));
  const { status, body } = await invoke('Stream', records);
  assert.deepEqual([status, body], [200, { batchItemFailures: [] }]);
  assert.equal((await item('k1')).position.lon, 2.5);
});

test('a message of the queue reaches the board as the pipe sends it; one that is refused ends in the failures after five times', { skip }, async () => {
  const url = stack.stack.MessageQueue;
  const sqs = (...words) => moto.aws('sqs', '--endpoint-url', moto.url, ...words);
  for (const body of [JSON.stringify({ vehicleId: 'q1', fuel: 0.5 }), 'nope']) await sqs('send-message', '--queue-url', url, '--message-body', body);
  const left = new Set();
  for (let i = 0; i < 7; i += 1) {
    const { Messages = [] } = await sqs('receive-message', '--queue-url', url, '--max-number-of-messages', '10', '--attribute-names', 'All', '--visibility-timeout', '0');
    if (Messages.length === 0) break;
    const records = Messages.map((m) => ({ messageId: m.MessageId, receiptHandle: m.ReceiptHandle, body: m.Body, attributes: m.Attributes, eventSource: 'aws:sqs', awsRegion: 'us-east-1' }));
    const { status, body } = await invoke('Queue', records);
    assert.equal(status, 200);
    const failed = new Set(body.batchItemFailures.map((one) => one.itemIdentifier));
    for (const { messageId, receiptHandle } of records) {
      if (failed.has(messageId)) left.add(messageId);
      else await sqs('delete-message', '--queue-url', url, '--receipt-handle', receiptHandle);
    }
  }
  assert.equal((await item('q1')).fields.fuel, 0.5);
  const { Messages } = await sqs('receive-message', '--queue-url', stack.stack.QueueFailures);
  assert.deepEqual(Messages.map((m) => [m.Body, left.has(m.MessageId)]), [['nope', true]]);
  // The source kept it as well, once.
  assert.equal((await letters('messages')).length, 1);
});

test("what the rule's SQL yields reaches the board by its HTTP action", { skip }, async () => {
  const { rules } = await moto.aws('iot', 'list-topic-rules');
  const { rule } = await moto.aws('iot', 'get-topic-rule', '--rule-name', rules[0].ruleName);
  const [{ http }] = rule.actions;
  assert.equal(http.confirmationUrl, stack.properties.IotDestination.HttpUrlProperties.ConfirmationUrl);
  assert.equal(rule.errorAction.sqs.queueUrl, stack.stack.IotFailures);
  assert.match(rule.sql, /^SELECT \*, topic\(\) AS topic, clientid\(\) AS client_id, timestamp\(\) AS ts, newuuid\(\) AS event_id FROM 'fleet\/\+\/pos'$/);
  const message = { lat: 51.5, lon: -0.12, topic: 'fleet/i1/pos', client_id: 'i1', ts: Date.now(), event_id: randomUUID() };
  const headers = { 'content-type': 'application/json', ...Object.fromEntries(http.headers.map(({ key, value }) => [key, value])) };
  const send = () => fetch(http.url.replace(front.url, server.url), { method: 'POST', headers, body: JSON.stringify(message) });
  for (let i = 0; i < 2; i += 1) assert.equal((await send()).status, 200);
  assert.equal((await item('i1')).position.lon, -0.12);
});

test('an object in the bucket is fetched when EventBridge tells of it', { skip }, async () => {
  await moto.aws('s3api', 'put-bucket-notification-configuration', '--bucket', 'my-inbox', '--notification-configuration', '{"EventBridgeConfiguration":{}}');
  // A queue beside the source shows what EventBridge sends: moto calls the address without it.
  const [rule] = (await moto.aws('events', 'list-rules')).Rules;
  const queue = (await moto.aws('sqs', '--endpoint-url', moto.url, 'create-queue', '--queue-name', 'beside')).QueueUrl;
  await moto.aws('events', 'put-targets', '--rule', rule.Name, '--targets', `Id=beside,Arn=${arn('sqs', 'beside')}`);
  await moto.shell(`echo '{"vehicleId":"b1","lat":1.5,"lon":2.5}' | aws s3 cp - s3://my-inbox/in/fleet/one.json`);
  const [bare] = front.taken('/v1/ingest/inbox');
  assert.deepEqual([bare.method, bare.body, bare.headers.authorization, bare.status], ['POST', '', undefined, 401]);
  const { Messages } = await moto.aws('sqs', '--endpoint-url', moto.url, 'receive-message', '--queue-url', queue);
  const event = JSON.parse(Messages[0].Body);
  assert.deepEqual([event.source, event['detail-type'], event.detail.object.key], ['aws.s3', 'Object Created', 'in/fleet/one.json']);
  const { status, body } = await invoke('Bucket', event);
  assert.deepEqual([status, body.accepted], [200, 1], JSON.stringify(body));
  assert.equal((await item('b1')).position.lat, 1.5);
  const { Targets } = await moto.aws('events', 'list-targets-by-rule', '--rule', rule.Name);
  const target = Targets.find((one) => one.Id === 'source');
  assert.deepEqual([target.RetryPolicy.MaximumRetryAttempts, target.DeadLetterConfig.Arn.includes('BucketFailures')], [185, true]);
});
