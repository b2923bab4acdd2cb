#!/usr/bin/env bash
# @signalk/signalk-to-nmea0183@1.18.3 and @signalk/nmea0183-signalk@3.20.1 (npm, pinned below, with baconjs@3.0.23), the two ways between Signal K and
# NMEA 0183 on a boat. In Signal K a value that is not available is null, in NMEA an empty field. Here it is a number.
# - Out: a water temperature of null is -273.1 degrees, a magnetic course of null is due north, and a variation of null is 0.00, from which
#   whoever reads the sentence has a true heading that nobody measured. A position whose quality is not said, as of a phone, goes out
#   as "0", which is no fix, with altitude, HDOP and satellites of 0.
# - In: the last known place of a receiver that has lost its fix (RMC with status V) is a place like any other. In GLL it is not read.
#   The age of a correction that there is none of is 0 s.
#
# Seen on 2026-11-30 with Node 20.20.2, what goes out, and what comes in again:
#   water temperature null | $IIMTW,-273.1,C*09 | temperature 0.05
#   magnetic variation null | $IIHDG,89.95,,,0.00,E*1F | headingMagnetic 1.57, headingTrue 1.57, magneticVariation 0
#   magnetic course null | $IIVTG,84.22,T,0.00,M,9.99,N,18.50,K,A*3D | courseOverGroundMagnetic 0, courseOverGroundTrue 1.47, speedOverGround 5.14
#   position alone | $GPGGA,120000.00,3015.6000,N,09744.4000,W,0,0,0.0,0.0,M,0.0,M,,*77
#   in, RMC with status V | position 30.26 -97.74
#   in, GLL with status V | nothing
#   in, GGA without a correction | differentialAge 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
  @signalk/signalk-to-nmea0183@1.18.3 @signalk/nmea0183-signalk@3.20.1 baconjs@3.0.23

cat >probe.cjs <<'JS'
const { Bus } = require('baconjs');
const createPlugin = require('@signalk/signalk-to-nmea0183');
const Parser = require('@signalk/nmea0183-signalk');

const parser = new (Parser.default ?? Parser)();
function read(sentence) {
  const delta = parser.parse(sentence);
  const show = (value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value);
  return delta ? delta.updates[0].values.map(({ path, value }) => [path.split('.').at(-1), show(value)]) : [];
}
const told = (values) => values.map((pair) => pair.join(' ')).join(', ');

// What the server does: a stream for each path, into which the values come.
async function write(sentence, values) {
  const streams = {};
  const out = [];
  const plugin = createPlugin({
    streambundle: { getSelfStream: (path) => (streams[path] ??= new Bus()) },
    emit: (event, line) => event === 'nmea0183out' && out.push(line),
    debug() {},
    error: console.error,
  });
  plugin.start({ conversions: [{ sentence }] });
  for (const [path, value] of Object.entries(values)) {
    streams[path].push(value);
    await new Promise((done) => setTimeout(done, 100)); // more than it waits for the next value
  }
  plugin.stop();
  return out.at(-1);
}

(async () => {
  for (const [what, sentence, values] of [
    ['water temperature null', 'MTW', { 'environment.water.temperature': null }],
    ['magnetic variation null', 'HDG', { 'navigation.headingMagnetic': 1.57, 'navigation.magneticVariation': null }],
    ['magnetic course null', 'VTG', {
      'navigation.courseOverGroundMagnetic': null,
      'navigation.courseOverGroundTrue': 1.47,
      'navigation.speedOverGround': 5.14,
    }],
  ]) {
    const line = await write(sentence, values);
    console.log(`${what} | ${line} | ${told(read(line))}`);
  }
  const place = { latitude: 30.26, longitude: -97.74 };
  const time = '2026-03-01T12:00:00Z';
  console.log(`position alone | ${await write('GGA', { 'navigation.datetime': time, 'navigation.position': place })}`);

  function sum(body) {
    let check = 0;
    for (const letter of body) check ^= letter.charCodeAt(0);
    return `$${body}*${check.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  const where = ([, value]) => value?.latitude !== undefined;
  for (const [name, body] of [
    ['RMC', 'GPRMC,120000,V,3015.60,N,09744.40,W,010.0,084.4,010326,,,N'],
    ['GLL', 'GPGLL,3015.60,N,09744.40,W,120000,V,N'],
  ]) {
    const found = read(sum(body)).find(where);
    console.log(`in, ${name} with status V | ${found ? `position ${found[1].latitude} ${found[1].longitude}` : 'nothing'}`);
  }
  const fix = read(sum('GPGGA,120000,3015.60,N,09744.40,W,1,08,1.0,150.0,M,-22.0,M,,'));
  console.log(`in, GGA without a correction | ${told(fix.filter(([name]) => name === 'differentialAge'))}`);
})();
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
water temperature null | $IIMTW,-273.1,C*09 | temperature 0.05
magnetic variation null | $IIHDG,89.95,,,0.00,E*1F | headingMagnetic 1.57, headingTrue 1.57, magneticVariation 0
magnetic course null | $IIVTG,84.22,T,0.00,M,9.99,N,18.50,K,A*3D | courseOverGroundMagnetic 0, courseOverGroundTrue 1.47, speedOverGround 5.14
position alone | $GPGGA,120000.00,3015.6000,N,09744.4000,W,0,0,0.0,0.0,M,0.0,M,,*77
in, RMC with status V | position 30.26 -97.74
in, GLL with status V | nothing
in, GGA without a correction | differentialAge 0
TEXT
echo "as described: what is not available is a number, and a lost fix is a place"
