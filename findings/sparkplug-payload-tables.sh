#!/usr/bin/env bash
# sparkplug-payload@1.0.3 (npm, pinned below): it can't read tables that it has written itself. A DataSet with a column of Int8 to Int32,
# UInt8, UInt16, UInt64, DateTime or Text is encoded, and `decodePayload` throws "Invalid DataSetValue" for the whole message, with
# every other metric in it. The same with a Template that has a parameter of such a type. A negative Int64 comes back as 2^64
# less. As a metric of its own each of these types is read.
#
# Seen with Node 20.20.2, each value written and read again by the library:
#   type | as a metric | in a DataSet | as a parameter
#   Double | 1.5 | 1.5 | 1.5
#   String | a | a | a
#   Boolean | true | true | true
#   UInt32 | 7 | 7 | 7
#   Int64 | -5 | 18446744073709551611 | -5
#   Int32 | 7 | Invalid DataSetValue | Invalid Parameter value
#   UInt8 | 7 | Invalid DataSetValue | Invalid Parameter value
#   UInt64 | 7 | Invalid DataSetValue | Invalid Parameter value
#   DateTime | 1772366400123 | Invalid DataSetValue | Invalid Parameter value
#   Text | a | Invalid DataSetValue | Invalid Parameter value
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund sparkplug-payload@1.0.3

cat >probe.cjs <<'JS'
const { decodePayload, encodePayload } = require('sparkplug-payload').get('spBv1.0');

/** What `pick` finds in the metric after it was written and read. */
function again(metric, pick) {
  const bytes = encodePayload({ timestamp: 1772366400123, seq: 0, metrics: [{ name: 'm', ...metric }] });
  try {
    return String(pick(decodePayload(bytes).metrics[0].value));
  } catch (error) {
    return error.message.split(':')[0];
  }
}

console.log('type | as a metric | in a DataSet | as a parameter');
for (const [type, value] of [
  ['Double', 1.5],
  ['String', 'a'],
  ['Boolean', true],
  ['UInt32', 7],
  ['Int64', -5],
  ['Int32', 7],
  ['UInt8', 7],
  ['UInt64', 7],
  ['DateTime', 1772366400123],
  ['Text', 'a'],
]) {
  const table = { numOfColumns: 1, columns: ['c'], types: [type], rows: [[value]] };
  const template = { isDefinition: false, templateRef: 't', metrics: [], parameters: [{ name: 'p', type, value }] };
  const seen = [
    again({ type, value }, (read) => read),
    again({ type: 'DataSet', value: table }, (read) => read.rows[0][0]),
    again({ type: 'Template', value: template }, (read) => read.parameters[0].value),
  ];
  console.log([type, ...seen].join(' | '));
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
type | as a metric | in a DataSet | as a parameter
Double | 1.5 | 1.5 | 1.5
String | a | a | a
Boolean | true | true | true
UInt32 | 7 | 7 | 7
Int64 | -5 | 18446744073709551611 | -5
Int32 | 7 | Invalid DataSetValue | Invalid Parameter value
UInt8 | 7 | Invalid DataSetValue | Invalid Parameter value
UInt64 | 7 | Invalid DataSetValue | Invalid Parameter value
DateTime | 1772366400123 | Invalid DataSetValue | Invalid Parameter value
Text | a | Invalid DataSetValue | Invalid Parameter value
TEXT
echo "as described: tables of most types can be written and not read"
