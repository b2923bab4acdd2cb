// CloudFront and S3 on this machine: a server that answers as infra/site.yaml says, with the objects of a packed site.
//
// It runs the function of the template itself, in a context with nothing but JavaScript, and takes behaviours, policies and rights
// from the template. It has no cache and no TLS: `https://HOST` in a policy is written as the worker's address here. What is not
// known of CloudFront it refuses, so that a change of the template has to be taught to it first.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

import { ROOT } from '../../server.mjs';
import { template } from './template.mjs';

const FILE = join(ROOT, 'infra/site.yaml');
/** Names for the worker in the template's parameters: the pattern takes no address of this machine. */
const HOST = 'worker.example.com';
/** Ids of the policies that AWS manages. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_BUT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';
/** Names of headers that belong to one connection. */
const OF_A_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'host'];

export class CloudFront {
  /**
   * @param {{folder: string, worker: string, parameters?: object, host?: string}} options the packed site, the worker's origin, and
   *   parameters of the template besides ApiHost; `host` is the site's name on this machine
   */
  static async start({ folder, worker, parameters = {}, host = 'localhost', port = 0 }) {
    const front = new CloudFront();
    front.worker = worker;
    front.site(folder);
    front.deploy(parameters);
    front.server = createServer((incoming, outgoing) => front.answer(incoming, outgoing).catch((error) => outgoing.destroy(error)));
    // A browser that uses a connection again just when it is closed gets nothing.
    front.server.keepAliveTimeout = 60_000;
    front.server.on('upgrade', (incoming, socket) => front.upgrade(incoming, socket));
    front.sockets = new Set();
    front.server.on('connection', (socket) => front.sockets.add(socket.once('close', () => front.sockets.delete(socket))));
    await new Promise((done) => front.server.listen(port, '127.0.0.1', done));
    front.url = `http://${host}:${front.server.address().port}`;
    return front;
  }

  /** Uploads another version: nothing is deleted, as upload.sh deletes nothing. */
  site(folder) {
    const { objects } = JSON.parse(readFileSync(join(folder, 'site.json'), 'utf8'));
    this.objects ??= new Map();
    for (const one of objects) {
      const body = readFileSync(join(folder, 'objects', one.path));
      this.objects.set(one.path, { ...one, body, etag: `"${createHash('md5').update(body).digest('hex')}"` });
    }
  }

  deploy(parameters) {
    const { properties, whole } = template(FILE, { ApiHost: HOST, ...parameters });
    this.properties = properties;
    const config = properties('Distribution').DistributionConfig;
    if (config.CustomErrorResponses) throw new Error('the stand-in knows no CustomErrorResponses');
    this.behaviours = [...(config.CacheBehaviors ?? []), { ...config.DefaultCacheBehavior, PathPattern: '*' }];
    this.origins = new Map(config.Origins.map((one) => [one.Id, one]));
    const statements = properties('SiteBucketPolicy').PolicyDocument.Statement;
    const allowed = statements.filter((one) => one.Effect === 'Allow').flatMap((one) => one.Action);
    this.isListed = allowed.includes('s3:ListBucket');
    const [name] = Object.entries(whole.Resources).find(([, one]) => one.Type === 'AWS::CloudFront::Function');
    const code = properties(name).FunctionCode;
    if (Buffer.byteLength(code) > 10_240) throw new Error('a function of CloudFront has 10 KB at most');
    this.code = code;
  }

  behaviour(path) {
    return this.behaviours.find(({ PathPattern }) => new RegExp(`^${PathPattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(path));
  }

  /** What the template's function makes of a request: the request or an answer. */
  run(method, url, headers) {
    const [uri, query = ''] = url.split('?');
    const querystring = {};
    for (const part of query ? query.split('&') : []) {
      const [name, value = ''] = part.split('=');
      if (querystring[name]) (querystring[name].multiValue ??= [{ value: querystring[name].value }]).push({ value });
      else querystring[name] = { value };
    }
    const event = {
      version: '1.0',
      context: { distributionDomainName: 'd111111abcdef8.cloudfront.net', distributionId: 'EDFDVBD6EXAMPLE', eventType: 'viewer-request', requestId: '4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==' },
      viewer: { ip: '127.0.0.1' },
      request: { method, uri, querystring, headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value: String(value) }])), cookies: {} },
    };
    // As text, so that nothing of this process is in it. It runs for microseconds; a machine that is busy may not come back for long.
    return JSON.parse(runInNewContext(`${this.code};JSON.stringify(handler(${JSON.stringify(event)}))`, {}, { timeout: 5_000 }));
  }

  async answer(incoming, outgoing) {
    const path = incoming.url.split('?')[0];
    const behaviour = this.behaviour(path);
    if (!behaviour.AllowedMethods.includes(incoming.method)) return void outgoing.writeHead(403).end('this method is not allowed here');
    if (this.origins.get(behaviour.TargetOriginId).CustomOriginConfig) return this.pass(behaviour, incoming, outgoing);
    const made = this.run(incoming.method, incoming.url, incoming.headers);
    const headers = this.added(behaviour);
    if (made.statusCode) {
      for (const [name, { value }] of Object.entries(made.headers ?? {})) headers[name] = value;
      return void outgoing.writeHead(made.statusCode, headers).end(made.body?.data ?? '');
    }
    const found = this.objects.get(decodeURIComponent(made.uri));
    if (!found) {
      const status = this.isListed ? 404 : 403;
      return void outgoing.writeHead(status, { ...headers, 'content-type': 'application/xml' }).end(`<Error><Code>${status === 404 ? 'NoSuchKey' : 'AccessDenied'}</Code></Error>`);
    }
    Object.assign(headers, { 'content-type': found.type, 'cache-control': found.cache, etag: found.etag });
    if (found.encoding) headers['content-encoding'] = found.encoding;
    if (incoming.headers['if-none-match'] === found.etag) return void outgoing.writeHead(304, headers).end();
    const [, first, last] = (/^bytes=(\d+)-(\d+)$/.exec(incoming.headers.range ?? '') ?? []).map(Number);
    if (first < found.size) {
      const part = found.body.subarray(first, last + 1);
      headers['content-range'] = `bytes ${first}-${first + part.length - 1}/${found.size}`;
      return void outgoing.writeHead(206, { ...headers, 'content-length': part.length }).end(part);
    }
    outgoing.writeHead(200, { ...headers, 'content-length': found.size }).end(incoming.method === 'HEAD' ? undefined : found.body);
  }

  /** The headers of a behaviour's policy. */
  added({ ResponseHeadersPolicyId }) {
    if (!ResponseHeadersPolicyId) return {};
    const { SecurityHeadersConfig: safe, CustomHeadersConfig: own, ...unknown } = this.properties(ResponseHeadersPolicyId).ResponseHeadersPolicyConfig;
    if (Object.keys(unknown).join() !== 'Name') throw new Error(`the stand-in does not know ${Object.keys(unknown)}`);
    const worker = new URL(this.worker).host;
    const policy = safe.ContentSecurityPolicy.ContentSecurityPolicy.replaceAll(`https://${HOST}`, `http://${worker}`).replaceAll(`wss://${HOST}`, `ws://${worker}`);
    return {
      'strict-transport-security': `max-age=${safe.StrictTransportSecurity.AccessControlMaxAgeSec}`,
      'x-content-type-options': 'nosniff',
      'x-frame-options': safe.FrameOptions.FrameOption,
      'referrer-policy': safe.ReferrerPolicy.ReferrerPolicy,
      'content-security-policy': policy,
      ...Object.fromEntries(own.Items.map(({ Header, Value }) => [Header, Value])),
    };
  }

  /** Passes a request on to the worker, as the managed policies say. */
  pass({ CachePolicyId, OriginRequestPolicyId }, incoming, outgoing) {
    if (CachePolicyId !== CACHING_DISABLED || OriginRequestPolicyId !== ALL_BUT_HOST) throw new Error('the stand-in does not know this policy');
    const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !OF_A_HOP.includes(name)));
    const on = ask(this.worker + incoming.url, { method: incoming.method, headers, agent: false }, (answer) => {
      const back = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !OF_A_HOP.includes(name)));
      outgoing.writeHead(answer.statusCode, back);
      answer.pipe(outgoing);
    });
    on.on('error', (error) => outgoing.destroy(error));
    incoming.pipe(on);
  }

  upgrade(incoming, socket) {
    const behaviour = this.behaviour(incoming.url.split('?')[0]);
    if (!this.origins.get(behaviour.TargetOriginId).CustomOriginConfig) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const { hostname, port, host } = new URL(this.worker);
    const on = connect(port, hostname, () => {
      const lines = Object.entries({ ...incoming.headers, host }).map(([name, value]) => `${name}: ${value}\r\n`);
      on.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
      on.pipe(socket).pipe(on);
    });
    for (const end of [on, socket]) end.on('error', () => [on, socket].forEach((one) => one.destroy()));
  }

  /** Ends it; `start` with the same port goes on with it. */
  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }
}
