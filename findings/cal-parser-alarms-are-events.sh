#!/usr/bin/env bash
# cal-parser@1.0.2 (npm, pinned below), calendars in iCalendar (RFC 5545) as JavaScript objects: what an event says is not all its own.
# - An alarm within an event (VALARM) is read as lines of the event: its description takes the place of the event's own, and the event has a `begin`
#   and an `action`. A stage of a race "from Austin to Waco" is "Reminder", as most programs write it.
# - A start with a time zone (TZID) is that time in UTC: 12:00 in New York is 12:00 in London. The zone is in `params`, and the value is a date that
#   has been made of it already. One without a zone, which the RFC calls floating (3.3.5), is an error, and with it the whole calendar.
# - Of several lines of a kind, such as ATTENDEE, the last is left.
#
# Seen with Node 20.20.2:
#   event | {"dtstart":"2026-03-01T12:00:00.000Z","description":"From Austin to Waco"}
#   with an alarm | {"dtstart":"2026-03-01T12:00:00.000Z","description":"Reminder","begin":"VALARM"}
#   two riders | {"dtstart":"2026-03-01T12:00:00.000Z","description":"From Austin to Waco","attendee":"mailto:b@example.org"}
#   in New York | {"dtstart":"2026-03-01T12:00:00.000Z"}
#   floating | Not a valid iCal date format
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts cal-parser@1.0.2

cat >probe.cjs <<'JS'
const { parseString } = require('cal-parser');

const calendar = (...lines) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:probe', 'BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20260101T000000Z', ...lines, 'END:VEVENT']
    .concat('END:VCALENDAR', '')
    .join('\r\n');
const stage = ['DTSTART:20260301T120000Z', 'SUMMARY:Stage 1', 'DESCRIPTION:From Austin to Waco'];
const alarm = ['BEGIN:VALARM', 'ACTION:DISPLAY', 'DESCRIPTION:Reminder', 'TRIGGER:-PT15M', 'END:VALARM'];
for (const [name, lines] of [
  ['event', stage],
  ['with an alarm', [...stage, ...alarm]],
  ['two riders', [...stage, 'ATTENDEE:mailto:a@example.org', 'ATTENDEE:mailto:b@example.org']],
  ['in New York', ['DTSTART;TZID=America/New_York:20260301T120000']],
  ['floating', ['DTSTART:20260301T120000']],
]) {
  try {
    const [{ dtstart, description, attendee, begin }] = parseString(calendar(...lines)).events;
    const shown = { dtstart: dtstart.value, description: description?.value, attendee: attendee?.value, begin: begin?.value };
    console.log(`${name} | ${JSON.stringify(shown)}`);
  } catch (error) {
    console.log(`${name} | ${error.message}`);
  }
}
JS
TZ=Asia/Tokyo node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
event | {"dtstart":"2026-03-01T12:00:00.000Z","description":"From Austin to Waco"}
with an alarm | {"dtstart":"2026-03-01T12:00:00.000Z","description":"Reminder","begin":"VALARM"}
two riders | {"dtstart":"2026-03-01T12:00:00.000Z","description":"From Austin to Waco","attendee":"mailto:b@example.org"}
in New York | {"dtstart":"2026-03-01T12:00:00.000Z"}
floating | Not a valid iCal date format
TEXT
echo "as described: an alarm's description is the event's"
