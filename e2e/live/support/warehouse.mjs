// Reads what was delivered as a warehouse does: by the manifests, with DuckDB.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';

/** DuckDB over an object store's files. */
export class Warehouse {
  static async open(store) {
    const warehouse = new Warehouse();
    warehouse.folder = mkdtempSync(join(tmpdir(), 'heliograph-warehouse-'));
    warehouse.duck = await (await DuckDBInstance.create(':memory:')).connect();
    for (const [name, bytes] of store.objects) {
      const path = join(warehouse.folder, store.bucket, name);
      mkdirSync(dirname(path), { recursive: true });
      // Where a manifest says s3:// it is this folder.
      writeFileSync(path, name.endsWith('.manifest') ? bytes.toString().replaceAll('s3://', `${warehouse.folder}/`) : bytes);
    }
    warehouse.files = store.manifests().map((m) => join(warehouse.folder, m.entry.url.slice('s3://'.length)));
    return warehouse;
  }

  /** Makes a table `events` of every object that a manifest names. */
  async load(columns) {
    const files = `[${this.files.map((f) => `'${f}'`).join(', ')}]`;
    const typed = columns ? `, columns = {${Object.entries(columns).map(([n, t]) => `'${n}': '${t}'`).join(', ')}}` : '';
    await this.duck.run(`CREATE TABLE events AS SELECT * FROM read_json(${files}, format = 'newline_delimited'${typed})`);
  }

  /** The same of objects that are Parquet: they know their columns. */
  async loadParquet() {
    const files = this.files.filter((f) => f.endsWith('.parquet')).map((f) => `'${f}'`);
    await this.duck.run(`CREATE TABLE events AS SELECT * FROM read_parquet([${files.join(', ')}], union_by_name = true)`);
  }

  /** Runs statements that are meant for the store itself, from the first table on. */
  async run(statements) {
    await this.duck.run(statements.slice(statements.indexOf('CREATE TABLE')).replaceAll('s3://', `${this.folder}/`));
  }

  /** The rows of a query as objects. */
  async rows(sql) {
    return (await this.duck.runAndReadAll(sql)).getRowObjectsJson();
  }

  close() {
    this.duck.closeSync();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
