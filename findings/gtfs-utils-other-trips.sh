#!/usr/bin/env bash
# gtfs-utils@5.1.0 (npm, pinned below): of a feed of GTFS with frequencies, stops in two zones or stops without a time, it computes other trips than
# those that run (GTFS Schedule: frequencies.txt, stop_times.txt, and stop_timezone in stops.txt).
# - A trip with frequencies runs at the times in stop_times.txt as well, where only the spans between its stops are meant.
# - With exact_times 1, of all its departures the last is the only one: 12:30 of 12:00 and 12:30.
# - A stop with a `stop_timezone` has its times read in that zone. The specification has all times of a trip in the agency's
#   zone, whichever zones it crosses: a train of two hours takes one.
# - A stop without times, which is optional at all but the ends, is an error, and the whole feed ends there.
#
# Seen with Node 20.20.2, for a trip 08:00 to 10:00 in Chicago:
#   no frequencies | 08:00-10:00
#   every 30 minutes from 12:00 to 13:00 | 08:00-10:00, 12:00-14:00, 12:30-14:30
#   the same, exact_times 1 | 08:00-10:00, 12:30-14:30
#   the last stop in New York | 08:00-09:00
#   a stop without times between | str must be (h)hh:mm(:ss).
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund gtfs-utils@5.1.0

cat >probe.cjs <<'JS'
const computeStopovers = require('gtfs-utils/compute-stopovers');

const ZONE = 'America/Chicago';
const stop = (stop_id, stop_timezone = '') => ({ stop_id, stop_name: stop_id, stop_lat: '30.26', stop_lon: '-97.74', stop_timezone });
const time = (stop_sequence, stop_id, clock) => ({ trip_id: 't', stop_sequence, stop_id, arrival_time: clock, departure_time: clock });
const every = { monday: '1', tuesday: '1', wednesday: '1', thursday: '1', friday: '1', saturday: '1', sunday: '1' };
const frequency = { trip_id: 't', start_time: '12:00:00', end_time: '13:00:00', headway_secs: '1800' };
const feed = {
  stops: [stop('A'), stop('B'), stop('C')],
  trips: [{ route_id: 'r', service_id: 's', trip_id: 't' }],
  calendar: [{ service_id: 's', ...every, start_date: '20260302', end_date: '20260302' }],
  stop_times: [time('1', 'A', '08:00:00'), time('3', 'C', '10:00:00')],
};

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' });

async function show(what, changes) {
  const files = { ...feed, ...changes };
  const read = async (name) => {
    if (!files[name]) throw Object.assign(new Error(name), { code: 'ENOENT' });
    return (async function* () {
      yield* files[name];
    })();
  };
  const times = [];
  try {
    for await (const { arrival } of computeStopovers(read, ZONE)) times.push(clock(arrival));
    console.log(`${what} | ${times.join(' ').replace(/(\S+) (\S+)/g, '$1-$2').replaceAll(' ', ', ')}`);
  } catch (error) {
    console.log(`${what} | ${error.message}`);
  }
}

(async () => {
  await show('no frequencies', {});
  await show('every 30 minutes from 12:00 to 13:00', { frequencies: [frequency] });
  await show('the same, exact_times 1', { frequencies: [{ ...frequency, exact_times: '1' }] });
  await show('the last stop in New York', { stops: [stop('A'), stop('B'), stop('C', 'America/New_York')] });
  const [first, last] = feed.stop_times;
  await show('a stop without times between', { stop_times: [first, time('2', 'B', ''), last] });
})();
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
no frequencies | 08:00-10:00
every 30 minutes from 12:00 to 13:00 | 08:00-10:00, 12:00-14:00, 12:30-14:30
the same, exact_times 1 | 08:00-10:00, 12:30-14:30
the last stop in New York | 08:00-09:00
a stop without times between | str must be (h)hh:mm(:ss).
TEXT
echo "as described: trips that do not run, departures that are missing, and times an hour off"
