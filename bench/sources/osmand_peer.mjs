// The peer of `bench sources` for OsmAnd: what a small server of one's own does with a position: an Express route reads the query,
// checks it, and writes a row with SQLite. Prints its port.

import Database from 'libsql';
import express from 'express';

const db = new Database(process.argv[2]);
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE position (id INTEGER PRIMARY KEY, device TEXT, time INTEGER, lat REAL, lon REAL, speed REAL, course REAL, attributes TEXT)');
const insert = db.prepare('INSERT INTO position (device, time, lat, lon, speed, course, attributes) VALUES (?, ?, ?, ?, ?, ?, ?)');

const app = express();
app.disable('x-powered-by');
app.get('/', (req, res) => {
  const { id, deviceid = id, timestamp, lat, lon, speed, bearing, ...rest } = req.query;
  const numbers = [timestamp, lat, lon, speed, bearing].map(Number);
  if (!deviceid || numbers.some((n) => !Number.isFinite(n)) || Math.abs(numbers[1]) > 90 || Math.abs(numbers[2]) > 180) {
    res.status(400).end();
    return;
  }
  const [time, latitude, longitude, knots, course] = numbers;
  insert.run(deviceid, time * 1_000, latitude, longitude, knots * 0.514444, course, JSON.stringify(rest));
  res.status(200).end();
});
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
