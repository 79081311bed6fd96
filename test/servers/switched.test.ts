import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { switchingStores } from '../play/switched.ts';
import { mongoMissing, startMongo } from './mongo/server.ts';
import type { MongoServer } from './mongo/server.ts';

const skip = mongoMissing();
const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-switched-'));
let server: MongoServer | undefined;
let count = 0;

before(async () => {
  if (skip === false) server = await startMongo({ file: path.join(folder, 'mongo') });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Of our own server, a database for each test. */
const uriOf = (): string => (server?.uri ?? '').replace(/\/ulasan$/, `/ulasan_switched_${count++}`);

switchingStores('MongoDB', () => ({ folder, uri: uriOf() }), { skip });
