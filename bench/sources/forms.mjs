// The same positions in the form of each envelope. A form is `{name, per, request(n)}`: request number n has `per` records, each of
// which moves one of as many things a second on.

import { randomUUID } from 'node:crypto';

/** Before now, so that no event is in the future however many requests there are. */
const BEGIN = Math.floor(Date.now() / 1_000) - 20 * 86_400;
/** Records of a request that has many. */
export const MANY = 500;

/** What each form says: thing i at second n. */
function fix(i, n) {
  const time = BEGIN + n;
  return { key: `v${i}`, time, lat: 30.2 + i / 1e4 + n / 1e6, lon: -97.7 - i / 1e4, speed: (i + n) % 30, heading: (i * 7 + n) % 360, fuel: ((i + n) % 1_000) / 1_000 };
}

const each = (per, make) => (n) => Array.from({ length: per }, (_, i) => make(fix(i, n), i));
const json = (body, headers = {}) => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
const event = ({ key, time, lat, lon, speed, heading, fuel }) => ({ key, time: time * 1_000, position: { lat, lon, speed, heading }, fields: { fuel } });
const lines = (per) => {
  const all = each(per, (f) => JSON.stringify(event(f)));
  return (n) => ({ body: `${all(n).join('\n')}\n`, headers: { 'content-type': 'application/x-ndjson' } });
};

/** Our own way in, beside which the others are measured. */
export const own = (per) => ({ name: `POST …/events, NDJSON, ${per}`, per, request: lines(per) });

/** Protocol buffers, as far as positions need them. */
function field(number, value) {
  const varint = (n) => {
    const out = [];
    for (let left = n; ; left = Math.floor(left / 128)) {
      if (left < 128) return [...out, left];
      out.push((left % 128) | 128);
    }
  };
  if (typeof value === 'number') return Buffer.from([...varint(number * 8), ...varint(value)]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

function float(number, value) {
  const out = Buffer.alloc(5);
  out[0] = number * 8 + 5;
  out.writeFloatLE(value, 1);
  return out;
}

function feedMessage(fixes, time) {
  const header = field(1, Buffer.concat([field(1, '2.0'), field(3, time)]));
  const entities = fixes.map((f) => {
    const position = Buffer.concat([float(1, f.lat), float(2, f.lon), float(3, f.heading), float(5, f.speed)]);
    const vehicle = Buffer.concat([field(2, position), field(5, f.time), field(8, field(1, f.key))]);
    return field(2, Buffer.concat([field(1, f.key), field(4, vehicle)]));
  });
  return Buffer.concat([header, ...entities]);
}

/** An RMC sentence with its checksum. Its receiver has one key: the address says which. */
function rmc({ time, lat, lon, speed, heading }) {
  const at = new Date(time * 1_000).toISOString();
  const angle = (degrees, width) => {
    const whole = Math.floor(Math.abs(degrees));
    return `${String(whole).padStart(width, '0')}${((Math.abs(degrees) - whole) * 60).toFixed(5).padStart(8, '0')}`;
  };
  const clock = at.slice(11, 19).replaceAll(':', '');
  const date = `${at.slice(8, 10)}${at.slice(5, 7)}${at.slice(2, 4)}`;
  const text = `GPRMC,${clock}.00,A,${angle(lat, 2)},N,${angle(lon, 3)},W,${(speed / 0.514444).toFixed(1)},${heading.toFixed(1)},${date},,,A`;
  const sum = [...text].reduce((all, c) => all ^ c.charCodeAt(0), 0);
  return `$${text}*${sum.toString(16).toUpperCase().padStart(2, '0')}`;
}

const base64 = (f) => Buffer.from(JSON.stringify(event(f))).toString('base64');

/** Envelopes: `least` is the share of our own way that each is to reach. */
export const FORMS = [
  {
    envelope: 'firehose',
    least: 0.7,
    per: MANY,
    request: (n) => {
      const requestId = randomUUID();
      const records = each(MANY, (f) => ({ data: base64(f) }))(n);
      return json({ requestId, timestamp: Date.now(), records }, { 'x-amz-firehose-request-id': requestId, 'x-amz-firehose-protocol-version': '1.0' });
    },
  },
  {
    envelope: 'gtfs_realtime',
    least: 0.7,
    per: MANY,
    request: (n) => ({ body: feedMessage(each(MANY, (f) => f)(n), BEGIN + n), headers: { 'content-type': 'application/x-protobuf' } }),
  },
  { envelope: 'ndjson', least: 0.5, per: MANY, request: lines(MANY) },
  { envelope: 'json', least: 0.5, per: MANY, request: (n) => json(each(MANY, event)(n)) },
  {
    envelope: 'csv',
    least: 0.5,
    per: MANY,
    request: (n) => {
      const rows = each(MANY, (f) => `${f.key},${f.time * 1_000},${f.lat},${f.lon},${f.speed},${f.heading},${f.fuel}`)(n);
      return { body: `key,time,lat,lon,speed,heading,fuel\n${rows.join('\n')}\n`, headers: { 'content-type': 'text/csv' } };
    },
  },
  {
    envelope: 'geojson',
    least: 0.5,
    per: MANY,
    request: (n) => {
      const features = each(MANY, (f) => ({
        type: 'Feature', id: f.key, geometry: { type: 'Point', coordinates: [f.lon, f.lat] },
        properties: { key: f.key, time: f.time * 1_000, speed: f.speed, heading: f.heading, fuel: f.fuel },
      }))(n);
      return json({ type: 'FeatureCollection', features }, { 'content-type': 'application/geo+json' });
    },
  },
  {
    envelope: 'aircraft',
    least: 0.5,
    per: MANY,
    request: (n) => json({
      now: BEGIN + n, messages: n,
      aircraft: each(MANY, (f, i) => ({ hex: (0xa00000 + i).toString(16), flight: 'UAL123  ', lat: f.lat, lon: f.lon, track: f.heading, gs: f.speed * 10, alt_baro: 30_000, seen: 0, seen_pos: 0 }))(n),
    }),
  },
  {
    envelope: 'gbfs',
    least: 0.5,
    per: MANY,
    request: (n) => json({
      last_updated: BEGIN + n, ttl: 0, version: '2.3',
      data: { bikes: each(MANY, (f) => ({ bike_id: f.key, lat: f.lat, lon: f.lon, is_reserved: false, is_disabled: false, last_reported: f.time }))(n) },
    }),
  },
  {
    envelope: 'cloudevents',
    least: 0.5,
    per: MANY,
    request: (n) => json(
      each(MANY, (f, i) => ({ specversion: '1.0', id: `${n}-${i}`, source: '/bench', type: 'moved', subject: f.key, time: new Date(f.time * 1_000).toISOString(), data: event(f) }))(n),
      { 'content-type': 'application/cloudevents-batch+json' },
    ),
  },
  {
    envelope: 'pipes',
    least: 0.5,
    per: MANY,
    request: (n) => json(each(MANY, (f, i) => ({
      messageId: `${n}-${i}`, receiptHandle: 'x', body: JSON.stringify(event(f)), attributes: { SentTimestamp: `${f.time * 1_000}` },
      messageAttributes: {}, eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:q', awsRegion: 'us-east-1',
    }))(n)),
  },
  {
    envelope: 'otlp',
    least: 0.5,
    per: MANY,
    request: (n) => json({
      resourceMetrics: each(MANY, (f) => {
        const point = (name, asDouble) => ({ name, gauge: { dataPoints: [{ timeUnixNano: `${f.time}000000000`, asDouble }] } });
        return {
          resource: { attributes: [{ key: 'device.id', value: { stringValue: f.key } }] },
          scopeMetrics: [{ scope: { name: 'bench' }, metrics: [point('lat', f.lat), point('lon', f.lon), point('fuel', f.fuel)] }],
        };
      })(n),
    }),
  },
  {
    envelope: 'gpsd',
    least: 0.5,
    per: MANY,
    query: '?key=v1',
    request: (n) => {
      const all = Array.from({ length: MANY }, (_, i) => {
        const f = fix(1, n * MANY + i);
        return JSON.stringify({ class: 'TPV', device: '/dev/ttyUSB0', mode: 3, time: new Date((BEGIN * 1_000) + (n * MANY + i)).toISOString(), lat: f.lat, lon: f.lon, alt: 120.5, track: f.heading, speed: f.speed });
      });
      return { body: `${all.join('\n')}\n`, headers: { 'content-type': 'application/x-ndjson' } };
    },
  },
  {
    envelope: 'nmea',
    least: 0.5,
    per: MANY,
    query: '?key=v1',
    request: (n) => {
      const all = Array.from({ length: MANY }, (_, i) => rmc(fix(1, n * MANY + i)));
      return { body: `${all.join('\r\n')}\r\n`, headers: { 'content-type': 'text/plain' } };
    },
  },
  {
    envelope: 'iot',
    least: 0.5,
    per: MANY,
    request: (n) => json(each(MANY, (f, i) => ({ event_id: `${n}-${i}`, client_id: f.key, lat: f.lat, lon: f.lon, speed: f.speed, heading: f.heading, fuel: f.fuel, time: f.time * 1_000 }))(n)),
  },
  {
    envelope: 'debezium',
    least: 0.5,
    per: MANY,
    request: (n) => json(each(MANY, (f, i) => ({
      before: null, after: { id: f.key, lat: f.lat, lon: f.lon, speed: f.speed, heading: f.heading, fuel: f.fuel }, op: 'u', ts_ms: f.time * 1_000,
      source: { connector: 'postgresql', name: 'db', db: 'fleet', schema: 'public', table: 'bus', ts_ms: f.time * 1_000, lsn: n * MANY + i },
    }))(n)),
  },
  {
    envelope: 'meshtastic',
    least: 0.5,
    per: MANY,
    request: (n) => json(each(MANY, (f, i) => ({
      channel: 0, from: 1_000 + i, id: n * MANY + i + 1, sender: '!0000beef', timestamp: f.time, to: 4_294_967_295, type: 'position',
      payload: { latitude_i: Math.round(f.lat * 1e7), longitude_i: Math.round(f.lon * 1e7), altitude: 120, time: f.time, ground_speed: f.speed },
    }))(n)),
  },
  {
    envelope: 'gpx',
    least: 0.5,
    per: MANY,
    query: '?key=v1',
    request: (n) => {
      const points = Array.from({ length: MANY }, (_, i) => {
        const f = fix(1, n * MANY + i);
        return `<trkpt lat="${f.lat}" lon="${f.lon}"><ele>120.5</ele><time>${new Date(BEGIN * 1_000 + n * MANY + i).toISOString()}</time></trkpt>`;
      });
      const body = `<?xml version="1.0"?><gpx version="1.1" creator="bench" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>${points.join('')}</trkseg></trk></gpx>`;
      return { body, headers: { 'content-type': 'application/gpx+xml' } };
    },
  },
  {
    envelope: 'cot',
    least: 0.5,
    per: MANY,
    request: (n) => {
      const events = each(MANY, (f) => {
        const at = new Date(f.time * 1_000).toISOString();
        return `<event version="2.0" uid="${f.key}" type="a-f-G-U-C" time="${at}" start="${at}" stale="2099-01-01T00:00:00Z" how="m-g"><point lat="${f.lat}" lon="${f.lon}" hae="120" ce="5" le="5"/><detail><track speed="${f.speed}" course="${f.heading}"/></detail></event>`;
      })(n);
      return { body: events.join('\n'), headers: { 'content-type': 'application/xml' } };
    },
  },
  {
    envelope: 'osmand',
    least: 0.5,
    per: 1,
    request: (n) => {
      const f = fix(n % MANY, Math.floor(n / MANY));
      return { method: 'GET', query: `?id=${f.key}&timestamp=${f.time}&lat=${f.lat}&lon=${f.lon}&speed=${f.speed}&bearing=${f.heading}&batt=55`, headers: {} };
    },
  },
  {
    envelope: 'owntracks',
    least: 0.5,
    per: 1,
    request: (n) => {
      const f = fix(n % MANY, Math.floor(n / MANY));
      return json({ _type: 'location', tst: f.time, lat: f.lat, lon: f.lon, vel: f.speed, cog: f.heading, batt: 55 }, { 'x-limit-u': 'bench', 'x-limit-d': f.key });
    },
  },
  {
    envelope: 'traccar',
    least: 0.5,
    per: 1,
    request: (n) => {
      const f = fix(n % MANY, Math.floor(n / MANY));
      const time = new Date(f.time * 1_000).toISOString();
      return json({
        position: { id: n + 1, deviceId: 1, protocol: 'osmand', serverTime: time, deviceTime: time, fixTime: time, valid: true, latitude: f.lat, longitude: f.lon, speed: f.speed, course: f.heading, attributes: { batteryLevel: 55 } },
        device: { id: 1, uniqueId: f.key, name: f.key },
      });
    },
  },
  {
    envelope: 'eventbridge',
    least: 0.5,
    per: 1,
    request: (n) => {
      const f = fix(n % MANY, Math.floor(n / MANY));
      return json({ version: '0', id: randomUUID(), 'detail-type': 'moved', source: 'bench', account: '123456789012', time: new Date(f.time * 1_000).toISOString(), region: 'us-east-1', resources: [], detail: event(f) });
    },
  },
];
