// In front of the worker's main module: the Durable Objects' SQL within the service's limits, and writes that fail or
// never come to an end when a test says so, and alarms of which the setting does. `POST /.limits` is how a test says it, see ../limits.mjs.

import * as program from './index.js';

import { isWrite, refusal } from './limits_check.js';
import first from './limits_first.js';

/** The write, or setting of an alarm (`alarm`), that goes wrong: the `at`-th of the class `of` (any without it) from now on. */
let wrong = first;
/** Writes since a test asked last: `{of, statement}`. */
let writes = [];
/** Statements above the service's limits. */
let refused = [];
/** Which class an object's storage belongs to. */
const owners = new WeakMap();
let patched = false;

/** A class whose objects write within the limits. */
function limited(Class, of) {
  return class extends Class {
    constructor(ctx, env) {
      const { sql } = ctx.storage;
      owners.set(sql, of).set(ctx.storage, of);
      if (!patched) patch(Object.getPrototypeOf(sql), Object.getPrototypeOf(ctx.storage));
      super(ctx, env);
    }
  };
}

function patch(sql, storage) {
  const { exec } = sql;
  const { setAlarm } = storage;
  sql.exec = function (statement, ...values) {
    const of = owners.get(this);
    const said = refusal(statement, values);
    if (said !== null) {
      refused.push({ of, statement });
      throw new Error(said);
    }
    if (isWrite(statement)) write(of, statement);
    return exec.call(this, statement, ...values);
  };
  storage.setAlarm = function (...when) {
    goWrong(owners.get(this), true, 'the alarm is set');
    return setAlarm.apply(this, when);
  };
  patched = true;
}

function write(of, statement) {
  writes.push({ of, statement });
  goWrong(of, false, statement);
}

function goWrong(of, alarm, what) {
  if (wrong === null || (wrong.alarm ?? false) !== alarm || (wrong.of !== undefined && wrong.of !== of) || --wrong.at > 0) return;
  const { how, error } = wrong;
  wrong = null;
  if (how === 'hang') {
    console.log(`limits: ${of} hangs before ${what}`);
    for (;;);
  }
  throw new Error(error);
}

async function control(request) {
  if (request.method === 'POST') {
    wrong = await request.json();
    [writes, refused] = [[], []];
  }
  return Response.json({ writes, refused, waits: wrong !== null });
}

export const Board = limited(program.Board, 'Board');
export const Relay = limited(program.Relay, 'Relay');
export const Registry = limited(program.Registry, 'Registry');
export const Poller = limited(program.Poller, 'Poller');

export default {
  ...program.default,
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === '/.limits') return control(request);
    return program.default.fetch(request, env, ctx);
  },
};
