// The peer of `bench views`: an Express route that asks SQLite for every request, as a small REST service does.
// Prints its port. The ETag is Express's own, a hash of the body.

import Database from 'libsql';
import express from 'express';

const [file, items] = [process.argv[2], JSON.parse(process.argv[3])];
const db = new Database(file);
db.exec('PRAGMA journal_mode = WAL; CREATE TABLE item (id INTEGER PRIMARY KEY, key TEXT, time INTEGER, seq INTEGER, lat REAL, lon REAL, heading REAL, speed REAL, route TEXT, fuel REAL)');
const insert = db.prepare('INSERT INTO item (key, time, seq, lat, lon, heading, speed, route, fuel) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
const fill = db.transaction(() => {
  for (let i = 0; i < items; i += 1) {
    insert.run(`v${i}`, 1_772_366_400_000 + i, i + 1, 30 + i / 1e4, -97 - i / 1e4, i % 360, (i % 300) / 10, `${800 + (i % 80)}`, (i % 1_000) / 1_000);
  }
});
fill();
const page = db.prepare('SELECT * FROM item ORDER BY id LIMIT 1000');

const app = express();
app.disable('x-powered-by');
app.get('/items', (req, res) => {
  const list = page.all().map((r) => ({
    key: r.key,
    time: r.time,
    seq: r.seq,
    position: { lat: r.lat, lon: r.lon, heading: r.heading, speed: r.speed },
    fields: { route: r.route, fuel: r.fuel },
  }));
  res.json({ cursor: `e1:${items}`, items: list, next: null });
});
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
