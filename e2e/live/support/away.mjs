// A worker of which objects can be away, and that counts calls of objects.
//
//   const server = await startAway();
//   await server.away({ Registry: 'fails', 'Board/fleet': 'hangs' });   // what is not named works
//   const { Registry, Board } = await server.calls();                  // since this was asked last; also 'Board/fleet'

import assert from 'node:assert/strict';

import { startServer } from '../../server.mjs';

function withAway(text) {
  const main = /\(name = "entry\/index\.js", esModule = embed "[^"]*"\)/;
  assert.match(text, main);
  const module = '(name = "entry/away.js", esModule = embed "e2e/live/support/away/module.mjs"),\n    ';
  return text.replace(main, (old) => module + old);
}

/** Starts it; the options are those of `startServer`. */
export async function startAway(options = {}) {
  const server = await startServer({ ...options, config: withAway });
  const control = async (how) => {
    const answer = await fetch(`${server.url}/.away`, how);
    assert.equal(answer.status, 200);
    return { Board: 0, Relay: 0, Registry: 0, ...(await answer.json()) };
  };
  return Object.assign(server, {
    away: (states) => control({ method: 'POST', body: JSON.stringify(states) }),
    calls: () => control({}),
  });
}
