#!/usr/bin/env bash
# nmea-simple@3.3.0 (npm, pinned below), a reader and writer of NMEA 0183: the time of RMC, the sentence with the date, keeps two digits of a second
# (.25), and loses one or three (.250), as many receivers send. GGA of the same moment keeps them: of a receiver with ten fixes a second, the same
# place is at up to ten different times by one sentence, and at one by the other. Written, any fraction is gone.
# Without a fix, a receiver is at 0, 0, on the equator, does 0 knots to the north, and the water under it is 0 m deep where the sounder found no
# ground.
#
# Seen with Node 20.20.2 (without the date of GGA, which is today's):
#   092750.2 | RMC 09:27:50.000Z | GGA 09:27:50.200Z
#   092750.25 | RMC 09:27:50.250Z | GGA 09:27:50.250Z
#   092750.250 | RMC 09:27:50.000Z | GGA 09:27:50.250Z
#   092750.950 | RMC 09:27:50.000Z | GGA 09:27:50.950Z
#   written | $GPGGA,092750
#   GPRMC,092750,V,,,,,,,010126,, | status warning, latitude 0, longitude 0, speedKnots 0, trackTrue 0
#   GPGGA,092750,,,,,0,00,,,M,,M,, | fixType none, latitude 0, longitude 0, altitudeMeters 0
#   SDDBT,,f,,M,,F | depthMeters 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund nmea-simple@3.3.0

cat >probe.cjs <<'JS'
const { encodeNmeaPacket, parseNmeaSentence } = require('nmea-simple');

function parse(body) {
  const sum = [...body].reduce((all, it) => all ^ it.charCodeAt(0), 0);
  return parseNmeaSentence(`$${body}*${sum.toString(16).toUpperCase().padStart(2, '0')}`);
}

for (const time of ['092750.2', '092750.25', '092750.250', '092750.950']) {
  const rmc = parse(`GPRMC,${time},A,3351.6802,S,15112.3372,E,000.5,054.7,010126,,`);
  const gga = parse(`GPGGA,${time},3351.6802,S,15112.3372,E,1,8,1.03,5.2,M,20,M,,`);
  console.log(`${time} | RMC ${rmc.datetime.toISOString().slice(11)} | GGA ${gga.time.toISOString().slice(11)}`);
}
const fix = parse('GPGGA,092750.250,3351.6802,S,15112.3372,E,1,8,1.03,5.2,M,20,M,,');
console.log(`written | ${encodeNmeaPacket(fix, 'GP').slice(0, 13)}`);
for (const [body, ...names] of [
  ['GPRMC,092750,V,,,,,,,010126,,', 'status', 'latitude', 'longitude', 'speedKnots', 'trackTrue'],
  ['GPGGA,092750,,,,,0,00,,,M,,M,,', 'fixType', 'latitude', 'longitude', 'altitudeMeters'],
  ['SDDBT,,f,,M,,F', 'depthMeters'],
]) {
  const packet = parse(body);
  console.log(`${body} | ${names.map((name) => `${name} ${packet[name]}`).join(', ')}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
092750.2 | RMC 09:27:50.000Z | GGA 09:27:50.200Z
092750.25 | RMC 09:27:50.250Z | GGA 09:27:50.250Z
092750.250 | RMC 09:27:50.000Z | GGA 09:27:50.250Z
092750.950 | RMC 09:27:50.000Z | GGA 09:27:50.950Z
written | $GPGGA,092750
GPRMC,092750,V,,,,,,,010126,, | status warning, latitude 0, longitude 0, speedKnots 0, trackTrue 0
GPGGA,092750,,,,,0,00,,,M,,M,, | fixType none, latitude 0, longitude 0, altitudeMeters 0
SDDBT,,f,,M,,F | depthMeters 0
TEXT
echo "as described: RMC keeps two digits of a second, and loses one or three"
