#!/usr/bin/env bash
# sse-writer@3.0.4 and ssejson@1.2.0 (npm, pinned below), server-sent events: the first writes what the second can't read, though both name the
# standard (HTML, "Parsing an event stream").
# - ssejson's `parse` takes an event for one line that begins with "data: ". An event with an `id:` before it, as anyone sends whose clients are to
#   go on where they were, is dropped without an error; so is one without the blank behind the colon. Lines that end in CRLF, an event with a field
#   behind its data, and data in two lines are an error that ends the stream.
# - sse-writer ends its lines with CRLF, and leaves out an id that is 0: of a stream counted from 0, the first event has none, and a client that has
#   only seen it asks for all again.
#
# Seen with Node 20.20.2:
#   "data: {\"a\":1}\n\ndata: {\"a\":2}\n\n" | [{"a":1},{"a":2}]
#   ": ping\n\ndata: {\"a\":1}\n\n" | [{"a":1}]
#   "id: 7\ndata: {\"a\":1}\n\ndata: {\"a\":2}\n\n" | [{"a":2}]
#   "data:{\"a\":1}\n\ndata: {\"a\":2}\n\n" | [{"a":2}]
#   "data: {\"a\":1}\nid: 7\n\n" | SyntaxError, after []
#   "data: {\"a\":\ndata: 1}\n\n" | SyntaxError, after []
#   "data: {\"a\":1}\r\n\r\ndata: {\"a\":2}\r\n\r\n" | SyntaxError, after []
#   sse-writer: "data: {\"a\":1}\r\n\r\nid: 1\r\ndata: {\"a\":2}\r\n\r\n" | SyntaxError, after []
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund sse-writer@3.0.4 ssejson@1.2.0

cat >probe.cjs <<'JS'
const SSE = require('sse-writer');
const ssejson = require('ssejson');

const parsed = (stream) =>
  new Promise((done) => {
    const read = [];
    const parser = ssejson.parse();
    parser.on('data', (it) => read.push(it));
    parser.on('error', (error) => done(`${error.name}, after ${JSON.stringify(read)}`));
    parser.on('end', () => done(JSON.stringify(read)));
    parser.end(stream);
  });
const written = (...events) =>
  new Promise((done) => {
    let text = '';
    const sse = new SSE();
    sse.on('data', (it) => (text += it));
    sse.on('end', () => done(text));
    for (const event of events) sse.event(event);
    sse.end();
  });

(async () => {
  for (const stream of [
    'data: {"a":1}\n\ndata: {"a":2}\n\n',
    ': ping\n\ndata: {"a":1}\n\n',
    'id: 7\ndata: {"a":1}\n\ndata: {"a":2}\n\n',
    'data:{"a":1}\n\ndata: {"a":2}\n\n',
    'data: {"a":1}\nid: 7\n\n',
    'data: {"a":\ndata: 1}\n\n',
    'data: {"a":1}\r\n\r\ndata: {"a":2}\r\n\r\n',
  ]) {
    console.log(`${JSON.stringify(stream)} | ${await parsed(stream)}`);
  }
  const stream = await written({ id: 0, data: '{"a":1}' }, { id: 1, data: '{"a":2}' });
  console.log(`sse-writer: ${JSON.stringify(stream)} | ${await parsed(stream)}`);
})();
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
"data: {\"a\":1}\n\ndata: {\"a\":2}\n\n" | [{"a":1},{"a":2}]
": ping\n\ndata: {\"a\":1}\n\n" | [{"a":1}]
"id: 7\ndata: {\"a\":1}\n\ndata: {\"a\":2}\n\n" | [{"a":2}]
"data:{\"a\":1}\n\ndata: {\"a\":2}\n\n" | [{"a":2}]
"data: {\"a\":1}\nid: 7\n\n" | SyntaxError, after []
"data: {\"a\":\ndata: 1}\n\n" | SyntaxError, after []
"data: {\"a\":1}\r\n\r\ndata: {\"a\":2}\r\n\r\n" | SyntaxError, after []
sse-writer: "data: {\"a\":1}\r\n\r\nid: 1\r\ndata: {\"a\":2}\r\n\r\n" | SyntaxError, after []
TEXT
echo "as described: events with an id are dropped, CRLF is an error, and id 0 is not written"
