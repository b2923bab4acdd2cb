#!/usr/bin/env bash
# gps-time@1.0.8 (npm, pinned below): a time that is not a whole second is half a second late in GPS time. Any fraction is taken for the mark that
# the library itself puts on a leap second (half a second more), so half a second comes off and a whole one goes on. Its readme's example
# is `gpsTime.toGPSMS(Date.now())`, which is a whole second once in a thousand calls. Back again nothing comes off: a time that goes to
# GPS and back is another one, half a second further each time. With receivers of ten fixes a second nine of ten are late, and overtake
# the tenth.
#
# Seen on 2026-11-30 with Node 20.20.2; the offset of GPS time should be 18,000 ms (leap seconds since 1980):
#   Unix time | GPS less Unix | there and back
#   1772366400000 | 18000 | +0
#   1772366400100 | 18500 | +500
#   1772366400500 | 18500 | +500
#   1772366400999 | 18500 | +500
#   1772366401000 | 18000 | +0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund gps-time@1.0.8

cat >probe.cjs <<'JS'
const { toGPSMS, toUnixMS } = require('gps-time');

const EPOCH = 315964800000; // 1980-01-06, where GPS time begins

for (const unix of [1772366400000, 1772366400100, 1772366400500, 1772366400999, 1772366401000]) {
  const gps = toGPSMS(unix);
  console.log(`${unix} | ${gps + EPOCH - unix} | +${toUnixMS(gps) - unix}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
1772366400000 | 18000 | +0
1772366400100 | 18500 | +500
1772366400500 | 18500 | +500
1772366400999 | 18500 | +500
1772366401000 | 18000 | +0
TEXT
echo "as described: a time with a fraction of a second is half a second late"
