#!/usr/bin/env bash
# @musement/iso-duration@1.0.0 (npm, pinned below), durations "based on ISO 8601": behind a decimal comma everything is dropped, without an error. ISO
# 8601 (4.4.3.2 in 2004, 5.3.1 in 2019-1) allows a comma and a point, and the comma was the preferred one. One and a half hours written in the German
# or French way are one hour, and half a second is none. With a point it is right.
# - A duration of nothing, PT0S, is said in words as an empty text.
#
# Seen with Node 20.20.2:
#   PT1.5H | PT1.5H | 1.5 hours
#   PT1,5H | PT1H | 1 hour
#   P1DT2,5H | P1DT2H | 1 day 2 hours
#   PT12,75S | PT12S | 12 seconds
#   PT0.5S | PT0.5S | 0.5 seconds
#   PT0,5S | P0D | 
#   P0,5Y | P0D | 
#   PT0S | P0D | 
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @musement/iso-duration@1.0.0

cat >probe.cjs <<'JS'
const { isoDuration, en } = require('@musement/iso-duration');

isoDuration.setLocales({ en }, { fallbackLocale: 'en' });
for (const text of ['PT1.5H', 'PT1,5H', 'P1DT2,5H', 'PT12,75S', 'PT0.5S', 'PT0,5S', 'P0,5Y', 'PT0S']) {
  const duration = isoDuration(text);
  console.log(`${text} | ${duration.toString()} | ${duration.humanize('en')}`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
PT1.5H | PT1.5H | 1.5 hours
PT1,5H | PT1H | 1 hour
P1DT2,5H | P1DT2H | 1 day 2 hours
PT12,75S | PT12S | 12 seconds
PT0.5S | PT0.5S | 0.5 seconds
PT0,5S | P0D | 
P0,5Y | P0D | 
PT0S | P0D | 
TEXT
echo "as described: what stands behind a comma is dropped"
