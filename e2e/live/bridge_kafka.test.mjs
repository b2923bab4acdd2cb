// How `heliograph bridge kafka` connects and logs in: TLS and SASL with what stands in for a broker until a topic is known. What it
// does with records is tested with librdkafka's own broker for tests (cli/tests/kafka.rs), which knows neither.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { HELIOGRAPH } from '../server.mjs';
import { bridge, makeCertificates } from './support/brokers.mjs';
import { startLogin } from './support/kafka.mjs';
import { eventually } from './support/wait.mjs';

const MECHANISMS = [['plain', 'PLAIN'], ['scram-sha-256', 'SCRAM-SHA-256'], ['scram-sha-512', 'SCRAM-SHA-512']];
const isBuilt = spawnSync(HELIOGRAPH, ['bridge', 'kafka', '--help']).status === 0;
const skip = isBuilt ? false : 'the program is built without the bridge from Kafka, which takes g++, make and libssl-dev';

describe('bridge kafka', { skip }, () => {
  /** Nothing listens there, and nothing comes so far. */
  const server = { url: 'http://127.0.0.1:9', adminKey: 'k' };
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-kafka-'));
  const ca = join(folder, 'ca.pem');
  let tls;

  before(() => {
    makeCertificates(folder);
    tls = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a bridge; what became of it. */
  async function connect(t, broker, args, env = {}, host = 'localhost') {
    const running = bridge(server, ['kafka', `${host}:${broker.port}`, '--topic', 'positions', '--board', 'fleet', ...args], { KAFKA_PASSWORD: undefined, KAFKA_USER: undefined, ...env });
    t.after(() => running.end('SIGKILL'));
    await eventually(() => running.code !== undefined, () => `an end; ${running.errors}`, 40_000);
    assert.equal(running.code, 1, running.errors);
    return running.errors;
  }

  /** A client may ask for a topic more than once. */
  const distinct = (logins) => [...new Set(logins.map(({ user, mechanism }) => `${user} ${mechanism}`))];

  async function login(t, options) {
    const broker = await startLogin(options);
    t.after(() => broker.stop());
    return broker;
  }

  test('each mechanism logs in by TLS and without, with the password of the environment and of a file', async (t) => {
    const users = { jane: 'geheim, "und" ÄÖ=' };
    writeFileSync(join(folder, 'password'), `${users.jane}\n`);
    for (const secure of [true, false]) {
      for (const [name, mechanism] of MECHANISMS) {
        const broker = await login(t, { users, ...(secure ? { tls } : {}) });
        const args = ['--user', 'jane', '--sasl', name, ...(secure ? ['--tls', '--ca', ca] : [])];
        const words = secure
          ? await connect(t, broker, args, { KAFKA_PASSWORD: users.jane })
          : await connect(t, broker, [...args, '--password-file', join(folder, 'password')]);
        assert.match(words, /there is no topic positions/, `${name}, ${secure}`);
        assert.deepEqual(distinct(broker.logins), [`jane ${mechanism}`], words);
        assert.ok(!words.includes('geheim'), words);
      }
    }
  });

  test('without --sasl a user logs in by PLAIN, and its name may come from the environment', async (t) => {
    const broker = await login(t, { users: { jane: 'right' }, tls });
    assert.match(await connect(t, broker, ['--tls', '--ca', ca], { KAFKA_USER: 'jane', KAFKA_PASSWORD: 'right' }), /there is no topic/);
    assert.deepEqual(distinct(broker.logins), ['jane PLAIN']);
  });

  test('a wrong password, an unknown user and a mechanism that is not taken end it with what to mend', async (t) => {
    for (const [name, mechanism] of MECHANISMS) {
      const broker = await login(t, { users: { jane: 'right' }, tls });
      const as = (user) => connect(t, broker, ['--tls', '--ca', ca, '--user', user, '--sasl', name], { KAFKA_PASSWORD: 'geheim' });
      for (const [nth, user] of ['jane', 'nobody'].entries()) {
        const words = await as(user);
        // Some clusters lock a user out after a few.
        assert.ok(broker.refused() <= 2 * (nth + 1), `${broker.refused()} logins were tried`);
        assert.match(words, /refuses: .*check --sasl, --user and the password/s, `${name} ${user}`);
        assert.ok(!words.includes('geheim'), words);
      }
      assert.deepEqual(broker.logins, []);
      const other = await login(t, { users: { jane: 'right' }, tls, mechanisms: MECHANISMS.map(([, of]) => of).filter((of) => of !== mechanism) });
      const words = await connect(t, other, ['--tls', '--ca', ca, '--user', 'jane', '--sasl', name], { KAFKA_PASSWORD: 'right' });
      assert.match(words, /check --sasl/, words);
      assert.deepEqual(other.logins, []);
    }
  });

  test('the certificate is verified: its authority, its name and its days, and no password is sent before', async (t) => {
    const users = { jane: 'right' };
    const asJane = [['--tls', '--user', 'jane'], { KAFKA_PASSWORD: 'right' }];
    const broker = await login(t, { users, tls });
    const untrusted = await connect(t, broker, ...asJane);
    assert.match(untrusted, /refuses: .*certificate.*check --tls and --ca/s);
    const [args, env] = asJane;
    const renamed = await connect(t, broker, [...args, '--ca', ca], env, '127.0.0.1');
    assert.match(renamed, /refuses: .*check --tls and --ca/s);
    const old = spawnSync('sh', ['-ec', `openssl x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out old.pem -days -1 -extfile names`], { cwd: folder });
    assert.equal(old.status, 0, String(old.stderr));
    const expired = await login(t, { users, tls: { ...tls, cert: readFileSync(join(folder, 'old.pem')) } });
    assert.match(await connect(t, expired, [...args, '--ca', ca], env), /refuses: .*check --tls and --ca/s);
    assert.deepEqual([...broker.logins, ...expired.logins], []);
  });

  test('a file of certificates that is none, and a broker that speaks no TLS, are told', async (t) => {
    const broker = await login(t, {});
    writeFileSync(join(folder, 'none.pem'), 'hello');
    assert.match(await connect(t, broker, ['--tls', '--ca', join(folder, 'none.pem')]), /none\.pem|certificate|ssl\.ca/i);
    assert.match(await connect(t, broker, ['--tls', '--ca', join(folder, 'absent.pem')]), /cannot read the certificates in .*absent\.pem/);
    assert.match(await connect(t, broker, []), /there is no topic positions/);
  });
});
