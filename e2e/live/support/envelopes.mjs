// One good request of each envelope that has no signatures of its own: one event each, a minute ago.

const NOW = Math.floor(Date.now() / 1_000) - 60;
const iso = new Date(NOW * 1_000).toISOString();
const event = { key: 'v1', time: NOW * 1_000, position: { lat: 30.25, lon: -97.75 } };
const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64');
const json = (value, headers = {}) => ({ body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } });
const xml = (body, kind = 'application/xml') => ({ body, headers: { 'content-type': kind } });

/** One vehicle at one place in protocol buffers: header, entity, vehicle, position. */
const FEED = Buffer.concat([
  Buffer.from([0x0a, 0x05, 0x0a, 0x03]), Buffer.from('2.0'),
  Buffer.from([0x12, 0x18, 0x0a, 0x02]), Buffer.from('v1'),
  Buffer.from([0x22, 0x12, 0x12, 0x0a, 0x0d]), (() => { const b = Buffer.alloc(9); b.writeFloatLE(30.25, 0); b[4] = 0x15; b.writeFloatLE(-97.75, 5); return b; })(),
  Buffer.from([0x28]), (() => { let n = NOW; const out = []; while (n > 127) { out.push((n % 128) | 128); n = Math.floor(n / 128); } return Buffer.from([...out, n]); })(),
]);

/**
 * A good request of each envelope. `twice`: whether the same again is told apart from another (`once`), or is one more event since
 * nothing names it (`more`). `poison`: what a phone or a rule is answered to what it would send for ever.
 */
export const GOOD = {
  json: { ...json(event), twice: 'more' },
  ndjson: { body: `${JSON.stringify(event)}\n`, headers: { 'content-type': 'application/x-ndjson' }, twice: 'more', lines: true },
  csv: { body: `key,time,lat,lon\nv1,${NOW},30.25,-97.75\n`, headers: { 'content-type': 'text/csv' }, twice: 'more', lines: true },
  firehose: { ...json({ requestId: 'r', timestamp: 1, records: [{ data: base64(event) }] }, { 'x-amz-firehose-request-id': 'r' }), twice: 'once' },
  eventbridge: { ...json({ version: '0', id: 'e-1', 'detail-type': 'moved', source: 'fleet', account: '111122223333', time: iso, region: 'us-east-1', resources: [], detail: event }), twice: 'once' },
  pipes: { ...json([{ messageId: 'm-1', body: JSON.stringify(event), attributes: { SentTimestamp: `${NOW * 1_000}` }, eventSource: 'aws:sqs' }]), twice: 'once' },
  iot: { ...json({ event_id: 'i-1', client_id: 'v1', lat: 30.25, lon: -97.75 }), twice: 'once', poison: 200 },
  cloudevents: { ...json({ specversion: '1.0', id: '1', source: '/fleet', type: 'moved', data: event }, { 'content-type': 'application/cloudevents+json' }), twice: 'once' },
  owntracks: { ...json({ _type: 'location', tst: NOW, lat: 30.25, lon: -97.75 }, { 'x-limit-u': 'jane', 'x-limit-d': 'v1' }), twice: 'once', poison: 200 },
  osmand: { ...json({ device_id: 'v1', location: { timestamp: iso, coords: { latitude: 30.25, longitude: -97.75 } } }), twice: 'once', poison: 200 },
  traccar: { ...json({ position: { id: 1, deviceId: 1, fixTime: iso, deviceTime: iso, valid: true, latitude: 30.25, longitude: -97.75, attributes: {} }, device: { id: 1, uniqueId: 'v1', name: 'v1' } }), twice: 'once' },
  geojson: { ...json({ type: 'Feature', id: 'v1', geometry: { type: 'Point', coordinates: [-97.75, 30.25] }, properties: { time: NOW * 1_000 } }), twice: 'more' },
  aircraft: { ...json({ now: NOW, messages: 1, aircraft: [{ hex: 'a00001', lat: 30.25, lon: -97.75, seen_pos: 0 }] }), twice: 'once' },
  gbfs: { ...json({ last_updated: NOW, ttl: 0, version: '2.3', data: { bikes: [{ bike_id: 'v1', lat: 30.25, lon: -97.75, is_reserved: false, is_disabled: false, last_reported: NOW }] } }), twice: 'once' },
  gtfs_realtime: { body: FEED, headers: { 'content-type': 'application/x-protobuf' }, twice: 'once' },
  otlp: { ...json({ resourceMetrics: [{ resource: { attributes: [{ key: 'host.name', value: { stringValue: 'v1' } }] }, scopeMetrics: [{ metrics: [{ name: 'fuel', gauge: { dataPoints: [{ timeUnixNano: `${NOW}000000000`, asDouble: 0.5 }] } }] }] }] }), twice: 'once' },
  nmea: { body: '!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n', headers: { 'content-type': 'text/plain' }, twice: 'more', lines: true },
  gpsd: { body: `${JSON.stringify({ class: 'TPV', device: '/dev/ttyUSB0', mode: 3, time: iso, lat: 30.25, lon: -97.75 })}\n`, headers: { 'content-type': 'application/x-ndjson' }, query: '?key=v1', twice: 'once', lines: true },
  meshtastic: { ...json({ channel: 0, from: 1_001, id: 7, sender: '!0000beef', timestamp: NOW, to: 4_294_967_295, type: 'position', payload: { latitude_i: 302_500_000, longitude_i: -977_500_000, time: NOW } }), twice: 'once' },
  gpx: { ...xml(`<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="30.25" lon="-97.75"><time>${iso}</time><name>v1</name></wpt></gpx>`), twice: 'once' },
  cot: { ...xml(`<event version="2.0" uid="v1" type="a-f-G-U-C" time="${iso}" start="${iso}" stale="2099-01-01T00:00:00Z" how="m-g"><point lat="30.25" lon="-97.75" hae="1" ce="1" le="1"/></event>`), twice: 'once' },
  debezium: { ...json({ before: null, after: { id: 'v1', lat: 30.25, lon: -97.75 }, op: 'c', ts_ms: NOW * 1_000, source: { connector: 'postgresql', ts_ms: NOW * 1_000, table: 'bus', lsn: 7 } }), twice: 'once' },
};
