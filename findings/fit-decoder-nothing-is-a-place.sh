#!/usr/bin/env bash
# fit-decoder@1.0.5 (npm, pinned below): a point of a FIT file, as sports watches and bike computers record it, that has no place is at 180 north and
# 180 east. FIT has a value of each type for "none", which a reader is to leave out; here it is converted like any other: the altitude is
# 655 m, the speed 236 km/h, the heart rate 255.
# - An altitude is a hundredth of the number in the file, where the profile has a scale of 5 and an offset of 500: 100.2 m are 30.01.
# - A record with a compressed time in its header has no time at all.
# fit-file-parser@6.1.2 reads the same file as it is meant.
#
# Seen with Node 20.20.2; place, altitude, speed, heart rate and seconds of each record:
#   fit-decoder | 30.259998 -97.74 | 30.01 | 3.21 | 120 | 0
#   fit-decoder | 179.999982 179.999982 | 655.35 | 65.535 | 255 | 1
#   fit-decoder | 30.259998 -97.74 | 30.01 | 3.21 | 121 | -
#   fit-file-parser | 30.260000 -97.740000 | 100.2 | 3.21 | 120 | 0
#   fit-file-parser | - - | - | - | - | 1
#   fit-file-parser | 30.260000 -97.740000 | 100.2 | 3.21 | 121 | 2
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund fit-decoder@1.0.5 fit-file-parser@6.1.2

cat >probe.cjs <<'JS'
const { fit2json, parseRecords } = require('fit-decoder');
const Parser = require('fit-file-parser').default ?? require('fit-file-parser');

const START = 1772366400;
const EPOCH = 631065600; // 1989-12-31, where the times of FIT begin
const semicircles = (degrees) => Math.round((degrees * 2 ** 31) / 180);
const little = (size, value) => {
  const bytes = Buffer.alloc(size);
  bytes[size === 1 ? 'writeUInt8' : size === 2 ? 'writeUInt16LE' : value < 0 ? 'writeInt32LE' : 'writeUInt32LE'](value);
  return bytes;
};
// Each field: its number, size and base type; 20 is a record, 0 the file's own description.
const define = (local, message, fields) =>
  Buffer.concat([Buffer.from([0x40 | local, 0, 0]), little(2, message), Buffer.from([fields.length]), Buffer.from(fields.flat())]);
const data = (header, fields, ...values) =>
  Buffer.concat([Buffer.from([header]), ...fields.map(([, size], i) => little(size, values[i]))]);
function crc(bytes) {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >> 1) ^ 0xa001 : sum >> 1;
  }
  return little(2, sum);
}

const about = [[0, 1, 0], [1, 2, 0x84], [2, 2, 0x84], [3, 4, 0x8c], [4, 4, 0x86]];
const time = [253, 4, 0x86];
const rest = [[0, 4, 0x85], [1, 4, 0x85], [2, 2, 0x84], [6, 2, 0x84], [3, 1, 2]];
const place = [semicircles(30.26), semicircles(-97.74), (100.2 + 500) * 5, 3210];
const none = [0x7fffffff, 0x7fffffff, 0xffff, 0xffff, 0xff];
const now = START - EPOCH;
const body = Buffer.concat([
  define(0, 0, about), data(0, about, 4, 1, 1, 1234, now),
  define(1, 20, [time, ...rest]), data(1, [time, ...rest], now, ...place, 120), data(1, [time, ...rest], now + 1, ...none),
  define(2, 20, rest), data(0x80 | (2 << 5) | ((now + 2) & 31), rest, ...place, 121),
]);
const head = Buffer.concat([Buffer.from([14, 0x20]), little(2, 2132), little(4, body.length), Buffer.from('.FIT')]);
const whole = Buffer.concat([head, crc(head), body]);
const file = Buffer.concat([whole, crc(whole)]);

function show(who, { position_lat: lat, position_long: lon, altitude, speed, heart_rate: rate, timestamp }, digits) {
  const number = (value) => (value === undefined ? '-' : digits ? value.toFixed(digits) : value);
  const seconds = timestamp ? new Date(timestamp) / 1000 - START : '-';
  const up = altitude === undefined ? '-' : Math.round(altitude * 100) / 100;
  console.log(`${who} | ${number(lat)} ${number(lon)} | ${up} | ${speed ?? '-'} | ${rate ?? '-'} | ${seconds}`);
}
const { buffer } = new Uint8Array(file);
for (const { type, data: record } of parseRecords(fit2json(buffer)).records) if (type === 'record') show('fit-decoder', record);
new Parser({ force: true, mode: 'list' }).parseAsync(file).then(({ records }) => {
  for (const record of records) show('fit-file-parser', record, 6);
});
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
fit-decoder | 30.259998 -97.74 | 30.01 | 3.21 | 120 | 0
fit-decoder | 179.999982 179.999982 | 655.35 | 65.535 | 255 | 1
fit-decoder | 30.259998 -97.74 | 30.01 | 3.21 | 121 | -
fit-file-parser | 30.260000 -97.740000 | 100.2 | 3.21 | 120 | 0
fit-file-parser | - - | - | - | - | 1
fit-file-parser | 30.260000 -97.740000 | 100.2 | 3.21 | 121 | 2
TEXT
echo "as described: a point without a place has one, altitudes are others, and compressed times are lost"
