#!/usr/bin/env bash
# formatcoords@1.1.3 (npm, pinned below), places in degrees, minutes and seconds: a minute has sixty seconds, from 0 to 60, and a degree minutes from
# 0 to 60. What is just below the next minute is rounded on its own, and not carried: 60.16666 is 60° 9′ 60″, and with minutes alone 59.99999 is 59°
# 60′. The standard for written places (ISO 6709) has them below 60, and forms and devices with such fields refuse it.
#
# Seen with Node 20.20.2:
#   60.17,24.94 | FFf 0 | 60° 10′ 12″ N 24° 56′ 24″ E
#   60.17,24.94 | FFf 1 | 60° 10′ 12.0″ N 24° 56′ 24.0″ E
#   60.17,24.94 | Ff 0 | 60° 10′ N 24° 56′ E
#   60.17,24.94 | Ff 2 | 60° 10.20′ N 24° 56.40′ E
#   60.16666,24.99999 | FFf 0 | 60° 9′ 60″ N 24° 59′ 60″ E
#   60.16666,24.99999 | FFf 1 | 60° 9′ 60.0″ N 24° 59′ 60.0″ E
#   60.16666,24.99999 | Ff 0 | 60° 10′ N 24° 60′ E
#   60.16666,24.99999 | Ff 2 | 60° 10.00′ N 24° 60.00′ E
#   59.99999,-0.00001 | FFf 0 | 59° 59′ 60″ N 0° 0′ 0″ W
#   59.99999,-0.00001 | FFf 1 | 59° 59′ 60.0″ N 0° 0′ 0.0″ W
#   59.99999,-0.00001 | Ff 0 | 59° 60′ N 0° 0′ W
#   59.99999,-0.00001 | Ff 2 | 59° 60.00′ N 0° 0.00′ W
#   whole seconds, of 36,000 latitudes from 60 to 61 | 300 with 60″
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund formatcoords@1.1.3

cat >probe.cjs <<'JS'
const formatcoords = require('formatcoords');

for (const place of [[60.17, 24.94], [60.16666, 24.99999], [59.99999, -0.00001]]) {
  for (const [format, decimalPlaces] of [['FFf', 0], ['FFf', 1], ['Ff', 0], ['Ff', 2]]) {
    console.log(`${place} | ${format} ${decimalPlaces} | ${formatcoords(...place).format(format, { decimalPlaces })}`);
  }
}
let sixty = 0;
for (let i = 0; i < 36_000; i++) {
  if (/ 60″/.test(formatcoords(60 + i / 36_000, 24).format('FFf', { decimalPlaces: 0 }))) sixty++;
}
console.log(`whole seconds, of 36,000 latitudes from 60 to 61 | ${sixty} with 60″`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
60.17,24.94 | FFf 0 | 60° 10′ 12″ N 24° 56′ 24″ E
60.17,24.94 | FFf 1 | 60° 10′ 12.0″ N 24° 56′ 24.0″ E
60.17,24.94 | Ff 0 | 60° 10′ N 24° 56′ E
60.17,24.94 | Ff 2 | 60° 10.20′ N 24° 56.40′ E
60.16666,24.99999 | FFf 0 | 60° 9′ 60″ N 24° 59′ 60″ E
60.16666,24.99999 | FFf 1 | 60° 9′ 60.0″ N 24° 59′ 60.0″ E
60.16666,24.99999 | Ff 0 | 60° 10′ N 24° 60′ E
60.16666,24.99999 | Ff 2 | 60° 10.00′ N 24° 60.00′ E
59.99999,-0.00001 | FFf 0 | 59° 59′ 60″ N 0° 0′ 0″ W
59.99999,-0.00001 | FFf 1 | 59° 59′ 60.0″ N 0° 0′ 0.0″ W
59.99999,-0.00001 | Ff 0 | 59° 60′ N 0° 0′ W
59.99999,-0.00001 | Ff 2 | 59° 60.00′ N 0° 0.00′ W
whole seconds, of 36,000 latitudes from 60 to 61 | 300 with 60″
TEXT
echo "as described: seconds and minutes go up to 60"
