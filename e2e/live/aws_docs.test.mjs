// The commands of docs/sources/aws-template.md, docs/sources/eventbridge.md and docs/sources/pipes.md, each as it stands there, with
// moto in place of AWS. What moto can't do of them is named.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { join } from 'node:path';

import { ROOT, startServer } from '../server.mjs';
import { Certificate, Front, Moto, noMoto as skip } from './support/aws_stack.mjs';
import { Client } from './support/client.mjs';

const commands = (page) => [...readFileSync(join(ROOT, `docs/sources/${page}.md`), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]);

let certificate;
let moto;
let server;
let front;
let admin;

before(async () => {
  if (skip) return;
  certificate = new Certificate();
  moto = await Moto.start(certificate.file);
  server = await startServer();
  front = await Front.start(certificate, () => server.url);
  admin = new Client(server);
  await admin.board('fleet', { key_name: 'vehicleId' });
});
after(async () => {
  await front?.stop();
  await server?.stop();
  await moto?.stop();
  certificate?.remove();
});

/** Runs a command where the checkout is, with the deployment as `$SERVER`. */
async function run(command, env = {}) {
  return moto.shell(`cd '${ROOT}'\n${command}`, { SERVER: front.url, KEY: server.adminKey, CURL_CA_BUNDLE: certificate.file, ...env });
}

async function done(command, env) {
  const { status, stdout, stderr } = await run(command, env);
  assert.equal(status, 0, `${command}\n${stdout}${stderr}`);
  return stdout;
}

test('the commands of docs/sources/eventbridge.md and docs/sources/pipes.md make what the pages say, and the sources take what is sent', { skip }, async () => {
  const secrets = {};
  for (const [name, envelope] of [['bus', 'eventbridge'], ['rows', 'pipes']]) {
    const { body } = await admin.post('/v1/boards/fleet/sources', { name, envelope });
    secrets[name] = body.secret;
  }
  const DLQ = 'arn:aws:sqs:us-east-1:123456789012:failures';
  const env = { ROLE: 'arn:aws:iam::123456789012:role/board', DLQ, STREAM: 'arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-03-01T12:00:00.000' };
  const [bus, pipe] = [commands('eventbridge'), commands('pipes')];
  assert.deepEqual([bus.length, pipe.length], [2, 2]);
  await done(bus[0], { ...env, SECRET: secrets.bus });
  const destination = await moto.aws('events', 'describe-api-destination', '--name', 'board');
  assert.deepEqual([destination.InvocationEndpoint, destination.HttpMethod], [`${front.url}/v1/ingest/bus`, 'POST']);
  const [target] = (await moto.aws('events', 'list-targets-by-rule', '--rule', 'board')).Targets;
  assert.deepEqual([target.Arn, target.DeadLetterConfig.Arn], [destination.ApiDestinationArn, DLQ]);
  // The key is where EventBridge keeps it.
  const { SecretArn } = await moto.aws('events', 'describe-connection', '--name', 'board');
  const { SecretString } = await moto.aws('secretsmanager', 'get-secret-value', '--secret-id', SecretArn);
  assert.ok(SecretString.includes(`Bearer ${secrets.bus}`), SecretString);
  await done(pipe[0], env);
  const made = await moto.aws('pipes', 'describe-pipe', '--name', 'board');
  assert.deepEqual([made.Target, made.SourceParameters.DynamoDBStreamParameters.MaximumRetryAttempts], [destination.ApiDestinationArn, 20]);
  assert.equal(JSON.parse(await done(bus[1], { SECRET: secrets.bus })).accepted, 1);
  assert.deepEqual(JSON.parse(await done(pipe[1], { SECRET: secrets.rows })), { batchItemFailures: [] });
  const { items } = await admin.items('fleet');
  assert.deepEqual([items.get('e1').position.lat, items.get('t1').position.lat], [30.26, 30.26]);
  for (const name of ['bus', 'rows']) await admin.delete(`/v1/boards/fleet/sources/${name}`);
});

test('the commands of docs/sources/aws-template.md do what the page says, as far as moto goes', { skip }, async () => {
  await moto.reset();
  const all = commands('aws-template');
  assert.equal(all.length, 5);
  const [keep, deploy, more, rotate, remove] = all;
  const arns = (await done(keep)).trim().split('\n');
  assert.equal(arns.length, 6);
  for (const arn of arns) assert.match(arn, /^arn:aws:secretsmanager:us-east-1:123456789012:secret:heliograph\//);
  const kept = async () => JSON.parse((await moto.aws('secretsmanager', 'get-secret-value', '--secret-id', 'heliograph/hose')).SecretString).api_key;
  const first = await kept();
  assert.match(first, /^hgs_[0-9a-f]{48}$/);
  const { body: source } = await admin.get('/v1/boards/fleet/sources/orders');
  assert.deepEqual(source.from.topics, ['arn:aws:sns:us-east-1:123456789012:feeds-orders']);

  assert.match(await done(deploy), /Successfully created\/updated stack - feeds/);
  const [{ StackStatus }] = (await moto.aws('cloudformation', 'describe-stacks', '--stack-name', 'feeds')).Stacks;
  assert.equal(StackStatus, 'CREATE_COMPLETE');
  const topics = (await moto.aws('sns', 'list-topics')).Topics.map((one) => one.TopicArn);
  assert.deepEqual(topics, source.from.topics);

  // Here moto ends: the role of a pipe names a destination, which its CloudFormation does not have.
  const refused = await run(more);
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /Fn::GetAtt references undefined resource (Table|Stream|Queue)Destination/);

  // An update it refuses as well: there it looks at parts that are left out.
  const updated = await run(rotate);
  assert.match(updated.stderr, /ExecuteChangeSet operation: Template error: instance of Fn::GetAtt references undefined resource \w+Destination/);
  assert.notEqual(await kept(), first);
  const send = (secret) => fetch(`${server.url}/v1/ingest/hose`, { method: 'POST', headers: { 'x-amz-firehose-access-key': secret }, body: '{"requestId":"r","records":[]}' });
  for (const secret of [first, await kept()]) assert.equal((await send(secret)).status, 200);

  await done(remove);
  const left = (await moto.aws('s3api', 'list-buckets')).Buckets.map((one) => one.Name);
  assert.ok(left.some((name) => name.startsWith('feeds-firehosebackup')), `${left}`);
});
