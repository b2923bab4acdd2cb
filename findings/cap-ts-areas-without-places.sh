#!/usr/bin/env bash
# @dec112/cap-ts@0.3.2 (npm, pinned below, with tslib@2.8.1, which it needs and doesn't name), reading and writing alerts of the Common Alerting
# Protocol: what it writes has no places. In CAP 1.2 (3.2.4) polygon, circle, geocode, altitude and ceiling are parts of an area; here the area is
# closed behind its description, and they stand behind it, where the schema allows none and readers look for none. Size and address of a resource
# (3.2.3) are behind the resource alike.
# - An alert that it has read can be written only if each of its areas has both a polygon and a circle, and the alert has no code: else a TypeError.
#   Of two codes the first is read.
# - An altitude of 0 is gone. A file with a prefix (`cap:alert`), as several weather services send it, is a TypeError.
#
# Seen with Node 20.20.2:
#   polygon | TypeError: Cannot read properties of undefined (reading 'forEach')
#   polygon and circle | <area><areaDesc>Creek</areaDesc></area><polygon>…</polygon><circle>30.2,-97.7 5</circle>
#   with a geocode | <area><areaDesc>Creek</areaDesc></area><polygon>…</polygon><circle>30.2,-97.7 5</circle><geocode><valueName>S</valueName><value>1</value></geocode>
#   with altitudes | <area><areaDesc>Creek</areaDesc></area><polygon>…</polygon><circle>30.2,-97.7 5</circle><ceiling>500</ceiling>
#   with a resource | <resource><resourceDesc>m</resourceDesc><mimeType>a/b</mimeType></resource><size>9</size><uri>m.png</uri><area><areaDesc>Creek</areaDesc></area><polygon>…</polygon><circle>30.2,-97.7 5</circle>
#   with two codes | read "a"
#   with two codes | TypeError: alert.code_list.forEach is not a function
#   with a prefix | TypeError: Cannot read properties of undefined (reading 'identifier')
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @dec112/cap-ts@0.3.2 tslib@2.8.1

cat >probe.cjs <<'JS'
const { CAP_1_2 } = require('@dec112/cap-ts');

const square = '<polygon>30.1,-97.1 30.2,-97.1 30.2,-97.2 30.1,-97.1</polygon>';
const round = '<circle>30.2,-97.7 5</circle>';
const alert = (area, { code = '', resource = '' } = {}) =>
  `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>id-1</identifier><sender>bus@example.org</sender>` +
  `<sent>2026-03-01T12:00:00-06:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>${code}` +
  `<info><category>Met</category><event>Flood</event><urgency>Immediate</urgency><severity>Severe</severity>` +
  `<certainty>Likely</certainty>${resource}<area><areaDesc>Creek</areaDesc>${area}</area></info></alert>`;
const prefixed = alert(square).replace(/<(\/?)(\w)/g, '<$1cap:$2').replace('xmlns=', 'xmlns:cap=');
const image = '<resource><resourceDesc>m</resourceDesc><mimeType>a/b</mimeType><size>9</size><uri>m.png</uri></resource>';

(async () => {
  for (const [name, text] of [
    ['polygon', alert(square)],
    ['polygon and circle', alert(square + round)],
    ['with a geocode', alert(`${square}${round}<geocode><valueName>S</valueName><value>1</value></geocode>`)],
    ['with altitudes', alert(`${square}${round}<altitude>0</altitude><ceiling>500</ceiling>`)],
    ['with a resource', alert(square + round, { resource: image })],
    ['with two codes', alert(square + round, { code: '<code>a</code><code>b</code>' })],
    ['with a prefix', prefixed],
  ]) {
    try {
      const read = await CAP_1_2.Alert.fromXML(text);
      if (read.code_list) console.log(`${name} | read ${JSON.stringify(read.code_list)}`);
      const lines = read.toXML().replace(/\s*\n\s*/g, '').replace(/>[^<]*(\d)[^<]*<.polygon>/, '>…</polygon>');
      console.log(`${name} | ${lines.replace(/^.*Likely<.certainty>|<.info>.*$/g, '')}`);
    } catch (error) {
      console.log(`${name} | ${error.constructor.name}: ${error.message}`);
    }
  }
})();
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
polygon | TypeError: Cannot read properties of undefined (reading 'forEach')
polygon and circle | <area><areaDesc>Creek</areaDesc></area><polygon>…</polygon><circle>30.2,-97.7 5</circle>
with a geocode | <area><areaDesc>Creek</areaDesc></area><polygon>…</polygon><circle>30.2,-97.7 5</circle><geocode><valueName>S</valueName><value>1</value></geocode>
with altitudes | <area><areaDesc>Creek</areaDesc></area><polygon>…</polygon><circle>30.2,-97.7 5</circle><ceiling>500</ceiling>
with a resource | <resource><resourceDesc>m</resourceDesc><mimeType>a/b</mimeType></resource><size>9</size><uri>m.png</uri><area><areaDesc>Creek</areaDesc></area><polygon>…</polygon><circle>30.2,-97.7 5</circle>
with two codes | read "a"
with two codes | TypeError: alert.code_list.forEach is not a function
with a prefix | TypeError: Cannot read properties of undefined (reading 'identifier')
TEXT
echo "as described: places are written outside of their areas"
