#!/usr/bin/env bash
# geojson-numeric@0.2.1 (npm, pinned below), which makes numbers of the properties of GeoJSON that are written as text: what is not a number, or not
# meant as one, changes.
# - A text in hexadecimal, such as the address of an aircraft or a device (0x3C6444), is 0, whatever it is; one such as 3E12 is a number of 13 digits.
# - Stop 0801 is 801, a telephone number loses its plus, and an id of more than 15 digits gets other last digits. Two of them can be one then.
# `id` and what is within lists and objects stay as they are.
#
# Seen with Node 20.20.2:
#   population | "265778" | 265778
#   delay | "-5" | -5
#   address | "0x3C6444" | 0
#   short | "3E12" | 3000000000000
#   stop | "0801" | 801
#   telephone | "+4930123456" | 4930123456
#   mmsi | "211234560" | 211234560
#   id | "90071992547409931" | 90071992547409940
#   speed | "12 km/h" | "12 km/h"
#   empty | "" | ""
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts geojson-numeric@0.2.1

cat >probe.cjs <<'JS'
const numerify = require('geojson-numeric');

const properties = {
  population: '265778',
  delay: '-5',
  address: '0x3C6444',
  short: '3E12',
  stop: '0801',
  telephone: '+4930123456',
  mmsi: '211234560',
  id: '90071992547409931',
  speed: '12 km/h',
  empty: '',
};
const feature = { type: 'Feature', properties, geometry: null };
const made = JSON.parse(JSON.stringify(numerify({ type: 'FeatureCollection', features: [structuredClone(feature)] })));
for (const [name, value] of Object.entries(made.features[0].properties)) {
  console.log(`${name} | ${JSON.stringify(properties[name])} | ${JSON.stringify(value)}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
population | "265778" | 265778
delay | "-5" | -5
address | "0x3C6444" | 0
short | "3E12" | 3000000000000
stop | "0801" | 801
telephone | "+4930123456" | 4930123456
mmsi | "211234560" | 211234560
id | "90071992547409931" | 90071992547409940
speed | "12 km/h" | "12 km/h"
empty | "" | ""
TEXT
echo "as described: 0x3C6444 is 0, and 0801 is 801"
