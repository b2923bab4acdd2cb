#!/usr/bin/env bash
# date-duration@2.0.0 (npm, pinned below), durations of ISO 8601 that "add durations together": two durations can be added only where both have hours,
# minutes or seconds, or neither has. A day and half an hour is a TypeError about undefined, in either order. So a sum over a list of stages works
# until one of them has no hours.
# - A duration with a fraction (PT0.5H, PT12.5S), which ISO 8601 allows in the smallest part, is an error. `multiply` makes such a duration: half a
#   day is P0.5D, which it doesn't read again, and added to a date it is nothing at all.
#
# Seen with Node 20.20.2:
#   PT30M and P1D | TypeError: Cannot convert undefined or null to object
#   P1D and PT30M | TypeError: Cannot convert undefined or null to object
#   P1DT1H and PT30M | P1DT1H30M
#   PT45M and PT30M | PT75M
#   PT12.5S | Error: Invalid duration: invalid ISO format (PT12.5S)
#   half of P1D | P0.5D
#   and read again | Error: Invalid duration: invalid ISO format (P0.5D)
#   noon and half of P1D | 2026-03-01T12:00:00.000Z
#   noon and half of PT1H | 2026-03-01T12:00:00.000Z
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts date-duration@2.0.0

cat >probe.mjs <<'JS'
import Duration from 'date-duration';

const attempt = (name, call) => {
  try {
    console.log(`${name} | ${call()}`);
  } catch (error) {
    console.log(`${name} | ${error.constructor.name}: ${error.message}`);
  }
};
const noon = new Date('2026-03-01T12:00:00Z');
attempt('PT30M and P1D', () => new Duration('PT30M').add(new Duration('P1D')));
attempt('P1D and PT30M', () => new Duration('P1D').add(new Duration('PT30M')));
attempt('P1DT1H and PT30M', () => new Duration('P1DT1H').add(new Duration('PT30M')));
attempt('PT45M and PT30M', () => new Duration('PT45M').add(new Duration('PT30M')));
attempt('PT12.5S', () => new Duration('PT12.5S'));
attempt('half of P1D', () => new Duration('P1D').multiply(0.5));
attempt('and read again', () => new Duration(new Duration('P1D').multiply(0.5).toString()));
attempt('noon and half of P1D', () => new Duration('P1D').multiply(0.5).addTo(noon).toISOString());
attempt('noon and half of PT1H', () => new Duration('PT1H').multiply(0.5).addTo(noon).toISOString());
JS
TZ=UTC node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
PT30M and P1D | TypeError: Cannot convert undefined or null to object
P1D and PT30M | TypeError: Cannot convert undefined or null to object
P1DT1H and PT30M | P1DT1H30M
PT45M and PT30M | PT75M
PT12.5S | Error: Invalid duration: invalid ISO format (PT12.5S)
half of P1D | P0.5D
and read again | Error: Invalid duration: invalid ISO format (P0.5D)
noon and half of P1D | 2026-03-01T12:00:00.000Z
noon and half of PT1H | 2026-03-01T12:00:00.000Z
TEXT
echo "as described: a day and half an hour are a TypeError"
