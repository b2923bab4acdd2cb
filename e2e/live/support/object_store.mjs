// An object store that knows PutObject and GetObject, checks every signature with another program's signer, and has moods: it
// fails, stalls, resets the connection, or takes an object and forgets to answer.

import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';

import { SignatureV4 } from '@smithy/signature-v4';

/** What the signer calls a hash. */
class Sha256 {
  constructor(secret) {
    this.hash = secret ? createHmac('sha256', secret) : createHash('sha256');
  }

  update(data) {
    this.hash.update(data);
  }

  async digest() {
    return new Uint8Array(this.hash.digest());
  }
}

const KEYS = { access_key_id: 'AKIATESTTESTTEST', secret_access_key: 'c2VjcmV0LW9mLXRoZS10ZXN0LXN0b3Jl' };
const REGION = 'eu-test-1';

/** What S3 calls the eTag of an object that was put whole. */
export const etag = (content) => createHash('md5').update(content).digest('hex');

/**
 * What a store does with a request. `put` is asked for each, with its number and name, and answers one of:
 * `ok`, `fail` (503), `refuse` (403), `stall` (no answer at all), `reset` (before anything is taken),
 * `forget` (taken, then the connection is reset) and `slow` (taken and answered after 300 ms).
 */
export class ObjectStore {
  /** Names to bytes. */
  objects = new Map();
  /** Every request that was taken, `{name, at, mood}`. */
  requests = [];
  /** The names of objects that were asked for. */
  given = [];
  /** Objects that were written again with other bytes; there must be none. */
  changed = [];
  /** What was wrong with signatures; there must be nothing. */
  forged = [];
  mood = () => 'ok';
  bucket = 'events';
  region = REGION;

  static async start() {
    const store = new ObjectStore();
    await store.#listen(0);
    return store;
  }

  async #listen(port) {
    this.server = createServer((request, response) => {
      this.#take(request, response).catch((error) => {
        this.forged.push(String(error.stack ?? error));
        response.destroy();
      });
    });
    await new Promise((done, failed) => {
      this.server.once('error', failed);
      this.server.listen(port, '127.0.0.1', done);
    });
    this.port = this.server.address().port;
  }

  get endpoint() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The secret by which an operator declares this store as a target. */
  declaration({ prefix = 'raw/' } = {}) {
    const { endpoint, region, bucket } = this;
    return JSON.stringify({ endpoint, region, bucket, prefix, path_style: true, ...KEYS });
  }

  /** The worker's environment: the store as the target DEFAULT, and the leave to call this machine. */
  get env() {
    return { ARCHIVE_DEFAULT: this.declaration(), HELIOGRAPH_PRIVATE_TARGETS: 'allow' };
  }

  /** The `archive` part of a board's config. */
  archive(rest = {}) {
    return { target: 'DEFAULT', interval_s: 1, buffer_mib: 1, ...rest };
  }

  async #take(request, response) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces);
    if (request.headers['cf-r2-metadata-size']) return this.#takeBound(request, response, body);
    const problem = await this.#check(request, body);
    if (problem !== null) {
      this.forged.push(problem);
      return this.#answer(response, 403, 'SignatureDoesNotMatch');
    }
    const name = decodeURIComponent(request.url.slice(`/${this.bucket}/`.length));
    if (request.method === 'GET') return this.#give(request, response, name);
    const mood = this.mood(this.requests.length, name);
    this.requests.push({ name, at: Date.now(), mood, bytes: body.length });
    switch (mood) {
      case 'fail':
        return this.#answer(response, 503, 'SlowDown');
      case 'refuse':
        return this.#answer(response, 403, 'AccessDenied');
      case 'stall':
        return;
      case 'reset':
        return request.socket.resetAndDestroy();
      case 'forget':
        this.#keep(name, body);
        return request.socket.resetAndDestroy();
      case 'slow':
        this.#keep(name, body);
        return setTimeout(() => this.#answer(response, 200), 300);
      default:
        this.#keep(name, body);
        return this.#answer(response, 200);
    }
  }

  /** Answers GetObject. `given` has the names that were asked for. */
  #give(request, response, name) {
    const mood = this.mood(this.given.length, name);
    this.given.push(name);
    if (mood === 'fail') return this.#answer(response, 503, 'SlowDown');
    const content = this.objects.get(name);
    if (!content) return this.#answer(response, 404, 'NoSuchKey');
    const wanted = request.headers['if-match'];
    if (wanted && wanted !== `"${etag(content)}"`) return this.#answer(response, 412, 'PreconditionFailed');
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    response.end(content);
  }

  /** A request of workerd's R2 binding: what is asked stands before the content. */
  #takeBound(request, response, body) {
    const size = Number(request.headers['cf-r2-metadata-size']);
    const { method, object: name } = JSON.parse(body.subarray(0, size).toString());
    assert.deepEqual([request.method, method], ['PUT', 'put']);
    const mood = this.mood(this.requests.length, name);
    this.requests.push({ name, at: Date.now(), mood, bytes: body.length - size });
    if (mood !== 'ok') return request.socket.resetAndDestroy();
    this.#keep(name, body.subarray(size));
    const head = { name, version: '1', size: String(body.length - size), etag: 'e', uploaded: String(Date.now()), storageClass: 'Standard' };
    const told = JSON.stringify(head);
    response.writeHead(200, { 'cf-r2-metadata-size': String(told.length), 'content-length': String(told.length) });
    response.end(told);
  }

  #keep(name, body) {
    const before = this.objects.get(name);
    if (before && !before.equals(body)) this.changed.push(name);
    this.objects.set(name, body);
  }

  #answer(response, status, code) {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(code ? `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>` : '');
  }

  /** What is wrong with a request, or null. */
  async #check(request, body) {
    if (!['PUT', 'GET'].includes(request.method) || !request.url.startsWith(`/${this.bucket}/`)) return `${request.method} ${request.url}`;
    const { authorization = '', 'x-amz-date': date, 'x-amz-content-sha256': hash } = request.headers;
    const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(authorization);
    if (!match) return `authorization ${authorization.slice(0, 60)}`;
    const [, id, day, region, signed, signature] = match;
    if (id !== KEYS.access_key_id || region !== this.region || !date?.startsWith(day)) return `credential ${id} ${region} ${date}`;
    if (createHash('sha256').update(body).digest('hex') !== hash) return `the content of ${request.url} is not what was signed`;
    const at = new Date(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    if (Math.abs(at - Date.now()) > 15 * 60_000) return `time ${date}`;
    const names = signed.split(';');
    for (const name of ['host', 'x-amz-content-sha256', 'x-amz-date']) assert.ok(names.includes(name), signed);
    const signer = new SignatureV4({
      service: 's3',
      region,
      credentials: { accessKeyId: KEYS.access_key_id, secretAccessKey: KEYS.secret_access_key },
      sha256: Sha256,
      uriEscapePath: false,
      applyChecksum: false,
    });
    const headers = Object.fromEntries(names.map((name) => [name, request.headers[name]]));
    const again = await signer.sign(
      { method: request.method, protocol: 'http:', hostname: '127.0.0.1', path: request.url, headers, query: {} },
      { signingDate: at, signableHeaders: new Set(names) },
    );
    const theirs = /Signature=([0-9a-f]{64})/.exec(again.headers.authorization)[1];
    return theirs === signature ? null : `signature of ${request.url}`;
  }

  /** The manifests in order of their ranges: `{name, first, last, entry, object}`. */
  manifests() {
    const found = [...this.objects].filter(([name]) => name.startsWith('manifests/'));
    return found
      .map(([name, bytes]) => {
        const [, first, last] = /-(\d+)-(\d+)\.manifest$/.exec(name);
        const { entries } = JSON.parse(bytes.toString());
        assert.equal(entries.length, 1);
        const object = entries[0].url.slice(`s3://${this.bucket}/`.length);
        return { name, first: Number(first), last: Number(last), entry: entries[0], object };
      })
      .sort((a, b) => a.first - b.first);
  }

  /** Asserts that every sequence number up to `head` is in exactly one manifest, each with its object. */
  assertWhole(head) {
    assert.deepEqual(this.forged, []);
    assert.deepEqual(this.changed, [], 'what is tried again writes the same bytes');
    let next = 1;
    for (const { first, last, entry, object } of this.manifests()) {
      assert.equal(first, next, 'ranges follow each other');
      next = last + 1;
      assert.equal(this.objects.get(object)?.length, entry.meta.content_length, object);
    }
    assert.equal(next, head + 1, 'everything is in a manifest');
  }

  /** Ends it as a machine that goes away. */
  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Comes back on the same port with what it had. */
  async restart() {
    await this.#listen(this.port);
  }
}

const DEFAULT_LINE = '(name = "ARCHIVE_DEFAULT", fromEnvironment = "ARCHIVE_DEFAULT"),';

/** Adds a binding beside that of the target DEFAULT. */
const bound = (config, binding) => {
  assert.ok(config.includes(DEFAULT_LINE));
  return config.replace(DEFAULT_LINE, `${DEFAULT_LINE}\n    ${binding},`);
};

/** Lets a worker read the declaration of a further target from its environment. */
export const declaring = (name) => (config) => bound(config, `(name = "${name}", fromEnvironment = "${name}")`);

/** Binds a store to a worker as an R2 bucket. */
export function bindingR2(store, name) {
  const service = `(name = "r2", external = (address = "127.0.0.1:${store.port}", http = ())),`;
  return (config) => bound(config.replace('services = [', `services = [\n    ${service}`), `(name = "${name}", r2Bucket = "r2")`);
}

/** Lets a worker's network reach this machine, which workerd's own does not; see `startServer`. */
export function reachingHere(config) {
  const network = '(name = "internet", network = (allow = ["public", "private"])),';
  const edited = config.replace('services = [', `services = [\n    ${network}`);
  assert.notEqual(edited, config);
  return edited;
}
