// infra/site.yaml, its costs, and a packed site in a bucket of moto. How CloudFront answers is tried in e2e/browser.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { ROOT } from '../server.mjs';
import { packed } from '../browser/support/packed.mjs';
import { Certificate, Moto, noMoto, python } from './support/aws_stack.mjs';

/** `cargo xtask`, where it runs the tests; otherwise what it calls. */
const [PROGRAM, ...WORDS] = process.env.HELIOGRAPH_XTASK
  ? [process.env.HELIOGRAPH_XTASK, 'dist', '--as-built', '--site']
  : ['node', join(ROOT, 'app/pack/pack.mjs'), '--from', join(ROOT, 'dist'), '--to'];

test('cfn-lint has nothing to say about the template of the site', { skip: noMoto }, async () => {
  const { status, stdout, stderr } = await python('cfn-lint', [join(ROOT, 'infra/site.yaml')]);
  assert.deepEqual([status, stdout + stderr], [0, '']);
});

test('every route of the API goes to the worker on the site\'s host, too, and no answer of it is kept there', () => {
  const template = readFileSync(join(ROOT, 'infra/site.yaml'), 'utf8');
  const behaviours = template.split('- PathPattern: ').slice(1).map((text) => ({
    path: new RegExp(`^${text.split('\n')[0].replaceAll('.', '\\.').replaceAll('*', '.*')}$`),
    // AWS's own CachingDisabled and AllViewerExceptHostHeader.
    keepsNothing: text.includes('CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad'),
    isPassedOn: text.includes('OriginRequestPolicyId: b689b0a8-53d0-40ab-baf2-68738e2966ac') && text.includes('TargetOriginId: worker'),
  }));
  const routes = JSON.parse(readFileSync(new URL('support/routes.json', import.meta.url), 'utf8'));
  assert.ok(routes.some(({ path }) => path === '/metrics') && routes.length > 50);
  // AWS's own clients sign the host that they call, and the site's would arrive as another: they call the worker itself.
  for (const { path } of routes.filter((route) => !route.path.startsWith('/aws'))) {
    const behaviour = behaviours.find((one) => one.path.test(path));
    assert.ok(behaviour, `${path} is answered by the site`);
    assert.ok(behaviour.keepsNothing && behaviour.isPassedOn, path);
  }
});

test('the table of costs is what is computed', () => {
  const { stdout } = spawnSync('node', [join(ROOT, 'infra/cost.mjs')], { encoding: 'utf8' });
  assert.ok(stdout.split('\n').length > 6 && readFileSync(join(ROOT, 'infra/README.md'), 'utf8').includes(stdout), stdout);
});

test('an address that is none, or a folder that holds something else, is refused by its name', () => {
  const said = (...words) => spawnSync(PROGRAM, [...WORDS, ...words], { cwd: ROOT, encoding: 'utf8' });
  for (const [api, why] of [['https://a.example/', 'without a path'], ['a.example', 'such as https://'], ['http://a.example', 'give https://']]) {
    const { status, stderr } = said(join(ROOT, 'e2e/results/nothing'), `--api=${api}`);
    assert.equal(status, 1);
    assert.ok(stderr.includes(`--api ${api}`) && stderr.includes(why), stderr);
  }
  const { status, stderr } = said(join(ROOT, 'docs'));
  assert.ok(status === 1 && stderr.includes('holds something else'), stderr);
  assert.ok(existsSync(join(ROOT, 'docs/api.md')));
});

test('upload.sh puts every object into the bucket with the headers that site.json says', { skip: noMoto, timeout: 280_000 }, async () => {
  const folder = packed('https://live.example.com');
  const certificate = new Certificate();
  const moto = await Moto.start(certificate.file);
  try {
    await moto.aws('s3api', 'create-bucket', '--bucket', 'my-site');
    const script = join(folder, 'upload.sh');
    const path = `${dirname(process.env.HELIOGRAPH_AWS_TEMPLATE)}:${process.env.PATH}`;
    const { spawn } = await import('node:child_process');
    const child = spawn('sh', [script, 'my-site'], { env: { ...moto.env, PATH: path, HOME: '/nonexistent' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    assert.equal(await new Promise((done) => child.once('close', done)), 0, said);
    const { objects } = JSON.parse(readFileSync(join(folder, 'site.json'), 'utf8'));
    assert.ok(objects.length > 100 && said.includes(`uploaded ${objects.length} objects`), said);
    for (const one of objects) {
      // moto answers for its buckets at a path of its server.
      const answer = await fetch(`${moto.url}/my-site${one.path}`, { method: 'HEAD', headers: { 'accept-encoding': 'identity', authorization: 'AWS4-HMAC-SHA256 Credential=a/20260301/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0' } });
      const found = ['content-type', 'cache-control', 'content-encoding', 'content-length'].map((name) => answer.headers.get(name));
      assert.deepEqual([answer.status, ...found], [200, one.type, one.cache, one.encoding, String(one.size)], one.path);
    }
  } finally {
    moto.process.kill('SIGKILL');
    certificate.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
