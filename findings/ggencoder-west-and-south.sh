#!/usr/bin/env bash
# ggencoder@1.0.10 (npm, pinned below): of AIS message 27, which ships send for satellites, the place is read without its sign. A ship west of
# Greenwich or south of the equator has a longitude above 180 or a latitude above 90 then, and is thrown away: `valid` is false, and it has no
# place. In ITU-R M.1371-5 both are signed. Of messages 1 and 18 they are read as they should.
# In message 8 with DAC 1 and FI 11 (weather and water, IMO SN/Circ.236), the temperatures of air and dew point have their offsets taken off,
# that of the water not: 15.0 degrees are 25. The water level is in tenths of a metre from -10 on; 0.5 m is -8.95.
#
# Seen with Node 20.20.2, and pyais@3.3.1 with Python 3.11:
#   27 at 30.25 97.75 | true 30.25 97.75 | pyais 30.25 97.75
#   27 at 30.25 -97.75 | false - - | pyais 30.25 -97.75
#   27 at -33.75 18.25 | false - - | pyais -33.75 18.25
#   1 at -33.75 -97.75 | true -33.75 -97.75 | pyais -33.75 -97.75
#   FI 11: air 21.5, dew point 10, water 15, level 0.5 | 21.5 10 25 -8.95
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund ggencoder@1.0.10
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pyais==3.3.1

cat >probe.cjs <<'JS'
const { writeFileSync } = require('node:fs');
const { AisDecode } = require('ggencoder');

const bits = (...fields) => fields.map(([value, size]) => BigInt.asUintN(size, BigInt(value)).toString(2).padStart(size, '0')).join('');
function sentence(message) {
  const fill = (6 - (message.length % 6)) % 6;
  const letters = (message + '0'.repeat(fill)).match(/.{6}/g).map((six) => parseInt(six, 2));
  const body = `AIVDM,1,1,,A,${letters.map((six) => String.fromCharCode(six + (six < 40 ? 48 : 56))).join('')},${fill}`;
  const sum = [...body].reduce((all, letter) => all ^ letter.charCodeAt(0), 0);
  return `!${body}*${sum.toString(16).toUpperCase().padStart(2, '0')}`;
}
const far = (lat, lon) => bits([27, 6], [0, 2], [366123456, 30], [0, 6], [lon * 600, 18], [lat * 600, 17], [10, 6], [90, 9], [0, 2]);
const near = (lat, lon) => [
  [1, 6], [0, 2], [366123456, 30], [0, 4], [-128, 8], [100, 10], [0, 1], [lon * 600000, 28], [lat * 600000, 27], [900, 12], [511, 9], [60, 40],
];

const sent = [];
function show(type, lat, lon) {
  sent.push(sentence(type === 27 ? far(lat, lon) : bits(...near(lat, lon))));
  const seen = new AisDecode(sent.at(-1));
  console.log(`${type} at ${lat} ${lon} | ${seen.valid} ${seen.lat ?? '-'} ${seen.lon ?? '-'}`);
}
show(27, 30.25, 97.75);
show(27, 30.25, -97.75);
show(27, -33.75, 18.25);
show(1, -33.75, -97.75);
writeFileSync('sent', sent.join('\n'));

const weather = bits(
  [8, 6], [0, 2], [2655619, 30], [0, 2], [1, 10], [11, 6], [1815000, 24], [-5865000, 25], [1, 5], [12, 5], [0, 6], // place and time
  [10, 7], [15, 7], [200, 9], [210, 9], [815, 11], [50, 7], [300, 10], [214, 9], [0, 2], [100, 8], // wind, air 21.5, dew point 10
  [105, 9], [0, 2], [5, 8], [90, 9], [0, 8], [0, 9], [0, 5], [0, 8], [0, 9], [0, 5], // level 0.5 and currents
  [10, 8], [5, 6], [90, 9], [0, 8], [0, 6], [0, 9], [3, 4], [250, 10], [0, 3], [0, 9], [0, 2], [0, 6], // waves, water 15.0
);
const { airtemp, dewpoint, watertemp, waterlevel } = new AisDecode(sentence(weather));
console.log(`FI 11: air 21.5, dew point 10, water 15, level 0.5 | ${airtemp} ${dewpoint} ${watertemp} ${waterlevel}`);
JS
cat >probe.py <<'PY'
from pyais import decode

for line in open("sent").read().splitlines():
    message = decode(line)
    print(f" | pyais {message.lat:g} {message.lon:g}")
PY
node probe.cjs >node
env/bin/python probe.py >python
paste -d '' node python | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
27 at 30.25 97.75 | true 30.25 97.75 | pyais 30.25 97.75
27 at 30.25 -97.75 | false - - | pyais 30.25 -97.75
27 at -33.75 18.25 | false - - | pyais -33.75 18.25
1 at -33.75 -97.75 | true -33.75 -97.75 | pyais -33.75 -97.75
FI 11: air 21.5, dew point 10, water 15, level 0.5 | 21.5 10 25 -8.95
TEXT
echo "as described: message 27 has a place in the north-east alone, and the water of FI 11 is another"
