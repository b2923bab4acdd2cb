#!/usr/bin/env bash
# lwm2m-codec@0.1.1 (npm, pinned below): numbers that a device of LwM2M sends as TLV or JSON are other numbers, or none, without an error.
# - A float may have 4 or 8 bytes (OMA LwM2M 1.0, appendix C). Of 8 the first 4 are read, as if they were a float of 4: a receiver at
#   30.26 north and 97.74 west is at 2.97 north and 3.38 west, off Africa.
# - A resource with several values, such as the voltages of a device, has numbers in binary (6.4.3 shows it, with 3,800 and 5,000 mV). They are
#   read as text in UTF-8, whatever their type: two letters, or what replaces bytes that are none. Its own encoder writes digits instead.
# - Of the same resource in JSON the first value is kept, and the others are gone, also of what it has written itself.
#
# Seen with Node 20.20.2:
#   place, 4 bytes | 30.260000228881836 | -97.73999786376953
#   place, 8 bytes | 2.9728124141693115 | -3.3817968368530273
#   the specification's 3800 and 5000 | {"0":"\u000e\ufffd","1":"\u0013\ufffd"}
#   its own | 440033383030440135303030 | {"0":"3800","1":"5000"}
#   its own in JSON | [{"n":"7/0","v":3800},{"n":"7/1","v":5000}] | {"0":3800}
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund lwm2m-codec@0.1.1

cat >probe.cjs <<'JS'
const { encode, decode } = require('lwm2m-codec');

const hex = (text) => Buffer.from(text, 'hex');
const ascii = (value) => JSON.stringify(value).replaceAll('\ufffd', '\\ufffd');

const single = Buffer.concat([hex('c400'), Buffer.alloc(4), hex('c401'), Buffer.alloc(4)]);
single.writeFloatBE(30.26, 2);
single.writeFloatBE(-97.74, 8);
const double = Buffer.concat([hex('c80008'), Buffer.alloc(8), hex('c80108'), Buffer.alloc(8)]);
double.writeDoubleBE(30.26, 3);
double.writeDoubleBE(-97.74, 14);
for (const [bytes, sent] of [[4, single], [8, double]]) {
  const { lat, lon } = decode('tlv', '/6/0', sent);
  console.log(`place, ${bytes} bytes | ${lat} | ${lon}`);
}

const read = (format, bytes) => decode(format, '/3/0', bytes).pwrSrcVoltage;
console.log(`the specification's 3800 and 5000 | ${ascii(read('tlv', hex('88070842000ed842011388')))}`);
const voltages = { 7: { 0: 3800, 1: 5000 } };
const tlv = encode('tlv', '/3/0', voltages);
console.log(`its own | ${tlv.toString('hex').slice(-24)} | ${ascii(read('tlv', tlv))}`);
const json = Buffer.from(encode('json', '/3/0', voltages));
console.log(`its own in JSON | ${JSON.stringify(JSON.parse(json).e)} | ${ascii(read('json', json))}`);
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
place, 4 bytes | 30.260000228881836 | -97.73999786376953
place, 8 bytes | 2.9728124141693115 | -3.3817968368530273
the specification's 3800 and 5000 | {"0":"\u000e\ufffd","1":"\u0013\ufffd"}
its own | 440033383030440135303030 | {"0":"3800","1":"5000"}
its own in JSON | [{"n":"7/0","v":3800},{"n":"7/1","v":5000}] | {"0":3800}
TEXT
echo "as described: a float of 8 bytes is another place, and the values of a list are letters, or missing"
