// Reads answers in Parquet with DuckDB.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';

/** The rows of a file of Parquet as objects; times are texts, whole numbers are texts where JSON could not hold them. */
export async function parquetRows(bytes) {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-parquet-'));
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    const file = join(folder, 'answer.parquet');
    writeFileSync(file, bytes);
    return (await duck.runAndReadAll(`SELECT * FROM '${file}'`)).getRowObjectsJson();
  } finally {
    duck.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
}
