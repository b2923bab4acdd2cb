// Browsers offer to have frames compressed, and a server that takes that compresses each frame anew for each of them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startServer } from '../server.mjs';
import { Client } from './support/client.mjs';
import { BINARY_FEED, Feed, JSON_FEED } from './support/feed.mjs';

let server;
before(async () => {
  server = await startServer();
  await new Client(server).board('fleet');
});
after(() => server?.stop());

test('a feed that offers compression as browsers do is not compressed', async () => {
  for (const protocols of [[JSON_FEED], [BINARY_FEED], []]) {
    const query = protocols.length ? '' : '?realTimeItemKey=a';
    const feed = await Feed.open(server, 'fleet', { protocols, query, perMessageDeflate: true });
    assert.equal(feed.socket.extensions, '', protocols.join() || 'plain');
    feed.socket.terminate();
  }
});
