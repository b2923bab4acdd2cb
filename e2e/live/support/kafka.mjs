// As much of a Kafka broker as a login needs: it says which versions it speaks, takes SASL, and knows no topic. What a client asks
// after that is refused, so that a test sees whether it got so far.

import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const METADATA = 3;
const COORDINATOR = 10;
const HANDSHAKE = 17;
const VERSIONS = 18;
const AUTHENTICATE = 36;
/** Requests that clients look for before they use a feature, with their last versions; all from 0 on and without tags. */
const SPOKEN = [[0, 7], [1, 11], [2, 2], [METADATA, 2], [8, 7], [9, 5], [COORDINATOR, 0], [11, 4], [12, 2], [13, 2], [14, 2], [HANDSHAKE, 1], [VERSIONS, 2], [AUTHENTICATE, 0]];
const UNKNOWN_TOPIC = 3;
const NO_COORDINATOR = 15;
const UNSUPPORTED_MECHANISM = 33;
const UNSUPPORTED_VERSION = 35;
const WRONG_PASSWORD = 58;

const int16 = (n) => Buffer.from([(n >> 8) & 255, n & 255]);
const int32 = (n) => {
  const out = Buffer.alloc(4);
  out.writeInt32BE(n);
  return out;
};
const text = (value) => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
const bytes = (value) => Buffer.concat([int32(value.length), value]);
const list = (all) => Buffer.concat([int32(all.length), ...all]);

/** Reads a request. */
class Reader {
  constructor(buffer) {
    this.buffer = buffer;
    this.at = 0;
  }

  take(n) {
    this.at += n;
    return this.buffer.subarray(this.at - n, this.at);
  }

  int16() {
    return this.take(2).readInt16BE();
  }

  int32() {
    return this.take(4).readInt32BE();
  }

  text() {
    const length = this.int16();
    return length < 0 ? undefined : this.take(length).toString();
  }
}

/** SCRAM (RFC 5802) as a server has it: each step is given what the client says, and yields what it is told. */
function* scram(hash, users) {
  const first = yield;
  const bare = /^n,[^,]*,(.+)$/.exec(first)?.[1] ?? '';
  const user = /^n=([^,]*)/.exec(bare)?.[1];
  const nonce = `${/,r=([^,]*)/.exec(bare)?.[1]}${randomBytes(12).toString('hex')}`;
  const salt = randomBytes(16);
  const challenge = `r=${nonce},s=${salt.toString('base64')},i=4096`;
  const final = yield { told: challenge };
  const [, unproven, proof] = /^(c=[^,]*,r=[^,]*),p=(.+)$/.exec(final) ?? [];
  const mac = (key, what) => createHmac(hash, key).update(what).digest();
  const length = hash === 'sha512' ? 64 : 32;
  const salted = pbkdf2Sync(users[user] ?? randomBytes(16), salt, 4096, length, hash);
  const clientKey = mac(salted, 'Client Key');
  const said = [bare, challenge, unproven].join(',');
  const signature = mac(createHash(hash).update(clientKey).digest(), said);
  const wanted = clientKey.map((byte, i) => byte ^ signature[i]);
  const given = Buffer.from(proof ?? '', 'base64');
  const isGood = users[user] !== undefined && unproven?.endsWith(`r=${nonce}`) && given.length === wanted.length && timingSafeEqual(given, wanted);
  return isGood ? { told: `v=${mac(mac(salted, 'Server Key'), said).toString('base64')}`, user } : {};
}

function* plain(_, users) {
  const [, user, password] = (yield).split('\0');
  return users[user] !== undefined && users[user] === password ? { told: '', user } : {};
}

const MECHANISMS = { PLAIN: [plain], 'SCRAM-SHA-256': [scram, 'sha256'], 'SCRAM-SHA-512': [scram, 'sha512'] };

/**
 * Starts one. `tls`: key and certificate (PEM) where it speaks TLS; `users`: passwords by name where it wants a login;
 * `mechanisms`: what it takes. `logins` tells who got as far as asking for a topic, by which mechanism; `refused`, how many logins
 * were wrong.
 */
export async function startLogin({ tls, users, mechanisms = Object.keys(MECHANISMS) } = {}) {
  const logins = [];
  let refused = 0;
  const sockets = new Set();
  const serve = (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const login = { mechanism: undefined, user: undefined, exchange: undefined };
    let waiting = Buffer.alloc(0);
    socket.on('data', (data) => {
      waiting = Buffer.concat([waiting, data]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE()) {
        const length = 4 + waiting.readInt32BE();
        const answer = answered(new Reader(waiting.subarray(4, length)), login);
        waiting = waiting.subarray(length);
        socket.write(Buffer.concat([int32(answer.length), answer]));
      }
    });
  };
  function answered(request, login) {
    const [kind, version, correlation] = [request.int16(), request.int16(), request.int32()];
    const told = (...parts) => Buffer.concat([int32(correlation), ...parts]);
    request.text();
    switch (kind) {
      case VERSIONS: {
        const isSpoken = version <= 2;
        const spoken = list(SPOKEN.map(([key, last]) => Buffer.concat([int16(key), int16(0), int16(last)])));
        // Who asks for too much is told by the first version what there is.
        return told(int16(isSpoken ? 0 : UNSUPPORTED_VERSION), spoken, ...(version > 0 && isSpoken ? [int32(0)] : []));
      }
      case HANDSHAKE: {
        login.mechanism = request.text();
        const isTaken = mechanisms.includes(login.mechanism);
        if (isTaken) {
          const [exchange, hash] = MECHANISMS[login.mechanism];
          login.exchange = exchange(hash, users ?? {});
          login.exchange.next();
        }
        return told(int16(isTaken ? 0 : UNSUPPORTED_MECHANISM), list(mechanisms.map(text)));
      }
      case AUTHENTICATE: {
        const { value, done } = login.exchange.next(request.take(request.int32()).toString());
        const isGood = value?.told !== undefined;
        if (done && isGood) login.user = value.user;
        if (!isGood) refused += 1;
        return told(int16(isGood ? 0 : WRONG_PASSWORD), isGood ? int16(-1) : text('Authentication failed'), bytes(Buffer.from(value?.told ?? '')));
      }
      case METADATA: {
        if (users !== undefined && login.user === undefined) throw new Error('a topic was asked for without a login');
        const names = Array.from({ length: Math.max(request.int32(), 0) }, () => request.text());
        if (names.length > 0) logins.push({ user: login.user, mechanism: login.mechanism });
        const broker = Buffer.concat([int32(1), text('localhost'), int32(port), int16(-1)]);
        const topics = names.map((name) => Buffer.concat([int16(UNKNOWN_TOPIC), text(name), Buffer.from([0]), int32(0)]));
        if (version === 0) throw new Error('it should ask by a later version');
        return told(list([broker]), ...(version > 1 ? [text('cluster-of-a-test')] : []), int32(1), list(topics));
      }
      case COORDINATOR:
        // Who is in charge of groups is asked for at once; here that is nobody.
        return told(int16(NO_COORDINATOR), int32(-1), text(''), int32(-1));
      default:
        throw new Error(`request ${kind} is not expected before a topic is known`);
    }
  }
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  server.on('tlsClientError', () => {});
  await new Promise((done) => server.listen(0, done));
  const { port } = server.address();
  const stop = () => {
    sockets.forEach((socket) => socket.destroy());
    return new Promise((done) => server.close(done));
  };
  return { port, logins, stop, refused: () => refused };
}
