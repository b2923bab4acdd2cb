#!/usr/bin/env bash
# cloudevent@0.10.0 (npm, pinned below), "implements the v1.0.2 of the CloudEvents Spec": an event in JSON without `datacontenttype` can't be read.
# The attribute is optional (CloudEvents 1.0.2, 3.1), and the JSON format (3.1.1) says what its absence means: the data is as if it were
# application/json. Such events are an error that asks for a decoder, and so is one that has no data but bytes (`data_base64`), or data of a type
# that ends in +json: GeoJSON can't be written without an encoder.
# cloudevents@10.0.0 (npm), of the specification's own project, reads and writes them.
#
# Seen with Node 20.20.2, cloudevent, cloudevents:
#   read {"datacontenttype":"application/json","data":{"knots":5}} | [5] | [5]
#   read {"data":{"knots":5}} | Missing decoder function | [5]
#   read {"datacontenttype":"application/geo+json","data":{"type":"Point","coordinates":[24,60]}} | Missing decoder function | ["Point",[24,60]]
#   read {"data_base64":"BQ=="} | Missing decoder function | [5]
#   write application/json | {"knots":5}
#   write application/geo+json | Missing encoder function
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund cloudevent@0.10.0 cloudevents@10.0.0

cat >probe.cjs <<'JS'
const { CloudEvent } = require('cloudevent');
const { HTTP } = require('cloudevents');

const attempt = (action) => {
  try {
    return JSON.stringify(action());
  } catch (error) {
    return error.message.split(':')[0];
  }
};
const common = { specversion: '1.0', id: '1', type: 'fix', source: '/boat/1' };
for (const members of [
  { datacontenttype: 'application/json', data: { knots: 5 } },
  { data: { knots: 5 } },
  { datacontenttype: 'application/geo+json', data: { type: 'Point', coordinates: [24, 60] } },
  { data_base64: 'BQ==' },
]) {
  const text = JSON.stringify({ ...common, ...members });
  const headers = { 'content-type': 'application/cloudevents+json' };
  const theirs = attempt(() => Object.values(HTTP.toEvent({ headers, body: text }).data));
  console.log(`read ${JSON.stringify(members)} | ${attempt(() => Object.values(CloudEvent.deserializeEvent(text).data))} | ${theirs}`);
}
for (const type of ['application/json', 'application/geo+json']) {
  const event = new CloudEvent('1', 'fix', '/boat/1', { knots: 5 }, { datacontenttype: type });
  console.log(`write ${type} | ${attempt(() => JSON.parse(CloudEvent.serializeEvent(event)).data)}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
read {"datacontenttype":"application/json","data":{"knots":5}} | [5] | [5]
read {"data":{"knots":5}} | Missing decoder function | [5]
read {"datacontenttype":"application/geo+json","data":{"type":"Point","coordinates":[24,60]}} | Missing decoder function | ["Point",[24,60]]
read {"data_base64":"BQ=="} | Missing decoder function | [5]
write application/json | {"knots":5}
write application/geo+json | Missing encoder function
TEXT
echo "as described: an event without a content type is an error"
