import { chmodSync, existsSync, renameSync } from 'node:fs';
import { GatewayError, messageOf } from '@xyte-gateway/sdk/contract';
import Sqlite from 'better-sqlite3';

export type Database = Sqlite.Database;

/** One step of a file's history. Never edited once released; a room adds new ones at the end of its own list. */
export interface Migration {
  /** `room/number`, e.g. `children/1`; what has run is remembered by this name. */
  readonly name: string;
  readonly sql: string;
}

export interface OpenOptions {
  /** `full`: a committed transaction survives a power cut. `normal`: the last ones may be lost, the file stays whole. */
  readonly durability: 'full' | 'normal';
  readonly migrations: readonly Migration[];
  /** False refuses to make the file. */
  readonly create: boolean;
  /** Room to which the file may grow, in bytes; a larger transaction fails with SQLITE_FULL and is rolled back. */
  readonly maxBytes?: number;
}

/**
 * Opens a SQLite file in WAL mode, checks that it is whole, and brings it up to date. The file is private (0600).
 * Throws STORE_CORRUPT when it is damaged, STORE_UNUSABLE when it cannot be opened, read or written.
 */
export function openDatabase(file: string, options: OpenOptions): Database {
  let db: Database;
  try {
    db = new Sqlite(file, { fileMustExist: !options.create, timeout: 5000 });
  } catch (error) {
    throw unusable(file, error);
  }
  try {
    chmodSync(file, 0o600);
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`);
    db.pragma('foreign_keys = ON');
    if (options.maxBytes !== undefined) limitSize(db, options.maxBytes);
    const verdict = db.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok') throw new GatewayError('STORE_CORRUPT', `${file} is damaged: ${String(verdict)}`);
    migrate(db, options.migrations);
    return db;
  } catch (error) {
    db.close();
    throw error instanceof GatewayError ? error : unusable(file, error);
  }
}

/** Moves a damaged file and its side files out of the way; returns the new name, or null if there was none. */
export function setAside(file: string, suffix: string): string | null {
  let moved: string | null = null;
  for (const tail of ['', '-wal', '-shm']) {
    if (!existsSync(file + tail)) continue;
    const target = `${file}.${suffix}${tail}`;
    renameSync(file + tail, target);
    if (tail === '') moved = target;
  }
  return moved;
}

/** True when SQLite says that the file or its disk is full. */
export const isFull = (error: unknown): boolean =>
  error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_FULL');

function limitSize(db: Database, maxBytes: number): void {
  const page = Number(db.pragma('page_size', { simple: true }));
  db.pragma(`max_page_count = ${Math.max(64, Math.floor(maxBytes / page))}`);
}

function migrate(db: Database, migrations: readonly Migration[]): void {
  db.exec('CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY) STRICT');
  const done = new Set(db.prepare('SELECT name FROM migration').pluck().all() as string[]);
  const known = new Set(migrations.map((step) => step.name));
  for (const name of done) {
    if (known.has(name)) continue;
    throw new GatewayError(
      'STORE_TOO_NEW',
      `${db.name} was written by a newer gateway (it knows step ${name}). Install that version again, or restore a backup.`,
    );
  }
  for (const step of migrations) {
    if (done.has(step.name)) continue;
    db.transaction(() => {
      db.exec(step.sql);
      db.prepare('INSERT INTO migration (name) VALUES (?)').run(step.name);
    })();
  }
}

function unusable(file: string, error: unknown): GatewayError {
  const code = error instanceof Sqlite.SqliteError ? error.code : '';
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) {
    return new GatewayError('STORE_CORRUPT', `${file} is damaged: ${messageOf(error)}`);
  }
  return new GatewayError('STORE_UNUSABLE', `${file} cannot be used: ${messageOf(error)}. Check the folder, its owner and free space.`, {
    retry: 'later',
  });
}
