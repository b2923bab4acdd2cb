// A worker within the service's limits: SQL values above 2 MB are refused as the service refuses them, memory is measured
// over a worker that holds nothing, and processor time by the call. Writes can be made to fail, or the worker be killed in
// the middle of one.
//
//   const server = await startLimited();
//   await server.failWrite(3, { of: 'Board' });     // the third write of a board from now on throws
//   await server.killAtWrite(2, () => publish());   // kill -9 before the second; false when there was none
//   const { writes } = await server.sqlWrites();    // `{of, statement}` since the last of these calls

import assert from 'node:assert/strict';

import { startServer } from '../../server.mjs';
import { cpuMs, ownMib } from './process.mjs';
import { eventually } from './wait.mjs';

/** What a service that can't write says. */
const DISK_FULL = 'database or disk is full: SQLITE_FULL';

/** Changes workerd.capnp so that the limits stand in front of the worker. */
export function withLimits(text, first = null) {
  const main = /\(name = "entry\/index\.js", esModule = embed "[^"]*"\)/;
  assert.match(text, main);
  const folder = 'e2e/live/support/limits';
  const module = (name, file) => `(name = "entry/${name}", esModule = embed "${folder}/${file}"),\n  `;
  const wrong = JSON.stringify(`export default ${JSON.stringify(first)};`);
  const inline = `(name = "entry/limits_first.js", esModule = ${wrong}),\n  `;
  return text.replace(main, (old) => `${module('limits.js', 'module.mjs')}${module('limits_check.js', 'check.mjs')}${inline}${old}`);
}

/**
 * Starts a worker within the limits; the options are those of `startServer`, and `first`, a write that goes wrong while it
 * starts: `{at, of, how: 'fail' | 'hang', error}`.
 */
export async function startLimited({ config = (text) => text, first, ...options } = {}) {
  const server = await startServer({ ...options, config: (text) => withLimits(config(text), first) });
  const control = async (wrong) => {
    const how = wrong === undefined ? {} : { method: 'POST', body: JSON.stringify(wrong) };
    const answer = await fetch(`${server.url}/.limits`, how);
    assert.equal(answer.status, 200);
    return answer.json();
  };
  return Object.assign(server, {
    /** The `n`-th write from now on fails; `of` is `Board`, `Relay` or `Registry`. */
    failWrite: (n, { of, error = DISK_FULL } = {}) => control({ at: n, of, how: 'fail', error }),
    /** No write fails any more; counting begins anew. */
    mend: () => control(null),
    /** Writes and refused statements since the last change, and whether a write still is to go wrong. */
    sqlWrites: () => control(),
    /** Does something, and kills the worker before the `n`-th write of it (`alarm`: setting of an alarm). False: there were fewer. */
    killAtWrite: async (n, act, { of, alarm } = {}) => {
      const before = server.log().length;
      const hangs = () => server.log().slice(before).includes('limits: ');
      // A write of the board's own may meet it before this is answered; then nothing else is.
      let told = false;
      control({ at: n, of, alarm, how: 'hang' }).then(() => (told = true), () => {});
      await eventually(() => told || hangs(), 'the order or the write', 60_000);
      let done = false;
      const acted = Promise.resolve()
        .then(act)
        .catch(() => {})
        .finally(() => (done = true));
      await eventually(() => done || hangs(), 'the write or the end', 60_000);
      if (!hangs()) {
        // A write that follows the answer may meet it still; then nothing else is answered.
        let mended = false;
        control(null).then(() => (mended = true), () => {});
        await eventually(() => mended || hangs(), 'the write or the end', 60_000);
        if (mended && !hangs()) return false;
      }
      await server.kill9();
      await acted;
      return true;
    },
  });
}

/** Does something, and answers `[its result, the processor time of the worker in ms]`. */
export async function cpuOf(server, act) {
  const before = cpuMs(server.pid);
  const result = await act();
  return [result, cpuMs(server.pid) - before];
}

/** The memory of a worker that has a board with nothing on it, in MiB. */
export async function emptyMib(options) {
  const server = await startLimited(options);
  try {
    const headers = { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' };
    const call = async (method, path, body) => {
      const answer = await fetch(server.url + path, { method, headers, body });
      assert.ok(answer.ok, await answer.text());
    };
    await call('PUT', '/v1/boards/empty', '{"title":"empty","visibility":"public"}');
    await call('POST', '/v1/boards/empty/events', '{"key":"a"}');
    await call('GET', '/v1/boards/empty/items');
    return ownMib(server.pid);
  } finally {
    await server.stop();
  }
}
