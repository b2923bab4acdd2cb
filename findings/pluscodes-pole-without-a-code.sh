#!/usr/bin/env bash
# pluscodes@3.0.1 (npm, pinned below), Plus Codes "with full support for 2-15 digit precision" that "matches Google's reference implementation", seen
# beside that (open-location-code@1.0.3):
# - The north pole, and with it any place at latitude 90, has a code with an F in the first place, where the last letter there is is C: the
#   specification clips such a latitude to the last code. Google's `isFull` says no, and its own `decode` answers a latitude above 90.
# - A code of 11 to 15 digits can't be shortened, nor one with zeros as padding: the answer is null. Codes in small letters can't be read (null),
#   where the specification says that case doesn't matter.
# - What it reads is rounded to six decimals, also a code of 15 digits, which is finer than that by a factor of 50: written again it is another code.
#
# Seen with Node 20.20.2:
#   pole FF230000+ false [ 90.5, 1.5 ] Google CFX30000+
#   shorten 9C3W9QCJ+2V CJ+2V Google CJ+2V
#   shorten 9C3W9QCJ+2VX null Google CJ+2VX
#   shorten 8FJFW222+ null Google 22+
#   small null Google 47.000062,8.000062
#   again 8FVC9G8F+6XQQ345 8FVC9G8F+6XQQ355 Google 8FVC9G8F+6XQQ345
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pluscodes@3.0.1 open-location-code@1.0.3

cat >probe.cjs <<'JS'
const { decode, encode, shorten } = require('pluscodes');
const { OpenLocationCode } = require('open-location-code');

const google = new OpenLocationCode();
const place = ({ latitude, longitude }) => [latitude, longitude];
const attempt = (call) => {
  try {
    return call();
  } catch (error) {
    return error.message;
  }
};
const pole = encode({ latitude: 90, longitude: 1 }, 4);
console.log('pole', pole, google.isFull(pole), place(decode(pole) ?? {}), 'Google', google.encode(90, 1, 4));
const near = { latitude: 51.3708675, longitude: -1.217765625 };
for (const code of ['9C3W9QCJ+2V', '9C3W9QCJ+2VX', '8FJFW222+']) {
  const at = code === '8FJFW222+' ? { latitude: 42.899, longitude: 9.012 } : near;
  console.log('shorten', code, attempt(() => shorten(code, at)), 'Google', google.shorten(code, at.latitude, at.longitude));
}
const small = '8fvc2222+22';
const read = google.decode(small);
console.log('small', attempt(() => decode(small)), 'Google', [read.latitudeCenter, read.longitudeCenter].map((n) => n.toFixed(6)).join());
const fine = '8FVC9G8F+6XQQ345';
const again = google.decode(fine);
console.log('again', fine, encode(decode(fine), 15), 'Google', google.encode(again.latitudeCenter, again.longitudeCenter, 15));
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
pole FF230000+ false [ 90.5, 1.5 ] Google CFX30000+
shorten 9C3W9QCJ+2V CJ+2V Google CJ+2V
shorten 9C3W9QCJ+2VX null Google CJ+2VX
shorten 8FJFW222+ null Google 22+
small null Google 47.000062,8.000062
again 8FVC9G8F+6XQQ345 8FVC9G8F+6XQQ355 Google 8FVC9G8F+6XQQ345
TEXT
echo "as described: the pole has a code that is none, and long codes can't be shortened"
