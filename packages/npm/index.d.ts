/** A connection of better-sqlite3, node:sqlite or bun:sqlite. */
export interface Connection {
  loadExtension(path: string): unknown;
  enableLoadExtension?(allow: boolean): void;
}

/** Loads kv on a connection; one of node:sqlite must have been opened with `allowExtension: true`. */
export function load(db: Connection): void;

/** The path of the library for this platform. Throws if there is none. */
export function getLoadablePath(): string;
