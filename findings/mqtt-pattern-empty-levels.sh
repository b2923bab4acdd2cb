#!/usr/bin/env bash
# mqtt-pattern@2.1.1 (npm, pinned below): `+` does not match a level that is empty, so a message is missed whose topic begins or ends with a slash or
# has two in a row, as many devices send. MQTT 3.1.1 and 5 (4.7.1.3) have the example themselves: /finance matches +/+ and /+, and not +.
# A broker delivers it; the handler that `matches` or `exec` was asked for is not called, and `extract` finds the parameter.
# mqtt-match@3.0.0 and mqtt-wildcard@3.0.9 (npm) match all of these.
#
# Seen with Node 20.20.2:
#   topic | filter | by MQTT | mqtt-pattern | mqtt-match | mqtt-wildcard
#   /finance | +/+ | true | false | true | true
#   /finance | /+ | true | true | true | true
#   /finance | + | false | false | false | false
#   sport/ | sport/+ | true | false | true | true
#   fleet//speed | fleet/+/speed | true | false | true | true
#   fleet/bus/speed | fleet/+/speed | true | true | true | true
#   exec null | extract {"vehicle":""}
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund mqtt-pattern@2.1.1 mqtt-match@3.0.0 mqtt-wildcard@3.0.9

cat >probe.cjs <<'JS'
const pattern = require('mqtt-pattern');
const match = require('mqtt-match');
const wildcard = require('mqtt-wildcard');

console.log('topic | filter | by MQTT | mqtt-pattern | mqtt-match | mqtt-wildcard');
for (const [topic, filter, wanted] of [
  ['/finance', '+/+', true],
  ['/finance', '/+', true],
  ['/finance', '+', false],
  ['sport/', 'sport/+', true],
  ['fleet//speed', 'fleet/+/speed', true],
  ['fleet/bus/speed', 'fleet/+/speed', true],
]) {
  const answers = [pattern.matches(filter, topic), match(filter, topic), wildcard(topic, filter) !== null];
  console.log([topic, filter, wanted, ...answers].join(' | '));
}
const named = ['fleet/+vehicle/speed', 'fleet//speed'];
console.log(`exec ${JSON.stringify(pattern.exec(...named))} | extract ${JSON.stringify(pattern.extract(...named))}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
topic | filter | by MQTT | mqtt-pattern | mqtt-match | mqtt-wildcard
/finance | +/+ | true | false | true | true
/finance | /+ | true | true | true | true
/finance | + | false | false | false | false
sport/ | sport/+ | true | false | true | true
fleet//speed | fleet/+/speed | true | false | true | true
fleet/bus/speed | fleet/+/speed | true | true | true | true
exec null | extract {"vehicle":""}
TEXT
echo "as described: + does not match a level that is empty"
