// What stands in for AWS where deliveries name an address of it: certificates that deliveries are signed with, and addresses
// that are visited to confirm something. The worker still checks each address as it is written in the delivery.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key pair and its certificate, made by openssl; it ends so many days from now. */
export function keyPair(days = 30) {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-sns-'));
  const openssl = (...words) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const read = (name) => readFileSync(join(folder, name), 'utf8');
  try {
    openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=sns.amazonaws.com', '-keyout', 'key', '-out', 'request');
    openssl('x509', '-req', '-in', 'request', '-signkey', 'key', '-days', String(days), '-out', 'certificate');
    return { key: read('key'), certificate: read('certificate') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export class AwsPlace {
  /** Paths to what is there: text, or `{status, headers, body}`. */
  pages = new Map();
  /** The paths that were asked for. */
  asked = [];

  static async start() {
    const place = new AwsPlace();
    place.server = createServer((request, response) => {
      place.asked.push(request.url);
      const page = place.pages.get(request.url) ?? place.pages.get(request.url.split('?')[0]);
      const { status = 200, headers = {}, body = '' } = typeof page === 'string' ? { body: page } : (page ?? { status: 404 });
      response.writeHead(status, headers);
      response.end(body);
    });
    await new Promise((done) => place.server.listen(0, '127.0.0.1', done));
    return place;
  }

  get env() {
    return { HELIOGRAPH_AWS_ORIGIN: `http://127.0.0.1:${this.server.address().port}` };
  }

  /** The paths that were asked for since this was called last. */
  visits() {
    return this.asked.splice(0);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

const LINES = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};
LINES.UnsubscribeConfirmation = LINES.SubscriptionConfirmation;

/** Signs a message as SNS documents it. */
export function signed(message, key, hash = { 1: 'RSA-SHA1', 2: 'RSA-SHA256' }[message.SignatureVersion]) {
  const names = LINES[message.Type];
  assert.ok(names, message.Type);
  const text = names.filter((name) => message[name] !== undefined).map((name) => `${name}\n${message[name]}\n`).join('');
  return { ...message, Signature: createSign(hash).update(text, 'utf8').sign(key, 'base64') };
}
