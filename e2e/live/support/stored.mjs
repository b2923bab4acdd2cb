// Looks into the stored boards of a server, beside it: nobody who is asked wakes up. Python has SQLite everywhere.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAM = `
import sqlite3, sys, json
rows = []
for path in sys.argv[2:]:
    db = sqlite3.connect(path)
    if db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'log'").fetchone()[0]:
        for statement in json.loads(sys.argv[1]):
            rows += db.execute(statement).fetchall()
        db.commit()
    db.close()
print(json.dumps(rows))
`;

/** The rows that statements give in all stored boards. Only a server that is down may be written to. */
export function stored(server, ...statements) {
  const folder = join(server.dataDir, 'do', 'heliograph-Board');
  const files = readdirSync(folder).filter((f) => f.endsWith('.sqlite')).map((f) => join(folder, f));
  const done = spawnSync('python3', ['-c', PROGRAM, JSON.stringify(statements), ...files], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout);
}
