// In front of the worker's main module: `POST /.chaos` ends objects as the platform does, and says what happens to pushes.

/** The module's text. `{"end":[["RELAY","fleet/0"]]}` ends objects; `{"pushes":{"fail":true}}` has each push fail before the relay has heard it, `{"late":ms}` delays them. */
const FRONT = `import main, * as objects from './index.js';
export * from './index.js';
let pushes = {};
export default {
  ...main,
  async fetch(request, env, ctx) {
    if (!request.url.endsWith('/.chaos')) return main.fetch(request, env, ctx);
    const order = await request.json();
    pushes = order.pushes ?? pushes;
    for (const [kind, name] of order.end ?? []) {
      await env[kind].get(env[kind].idFromName(name)).fetch('http://chaos/.end').catch(() => {});
    }
    return new Response();
  },
};
const mortal = (Class) => class extends Class {
  async fetch(request) {
    if (request.url.endsWith('/.end')) this.ctx.abort('ended by the run');
    return super.fetch(request);
  }
};
export const Board = mortal(objects.Board);
export const Registry = mortal(objects.Registry);
export class Relay extends mortal(objects.Relay) {
  async fetch(request) {
    if (request.url.endsWith('/push')) {
      if (pushes.late) await new Promise((done) => setTimeout(done, pushes.late));
      if (pushes.fail) throw new Error('this push fails');
    }
    return super.fetch(request);
  }
}`;

/** Changes workerd.capnp so. */
export function withFront(text) {
  const first = '(name = "entry/index.js"';
  const changed = text.replace(first, `(name = "entry/chaos.js", esModule = ${JSON.stringify(FRONT)}),\n${first}`);
  if (changed === text) throw new Error('workerd.capnp has another main module now');
  return changed;
}
