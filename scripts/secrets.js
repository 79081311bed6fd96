// Makes the files of ./secrets that docker-compose.yml names, where they are missing: node scripts/secrets.js
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(process.argv[2] ?? path.join(path.dirname(import.meta.dirname), 'secrets'));
mkdirSync(folder, { recursive: true, mode: 0o700 });

/** Makes a file once: a secret that is in use is never changed. Readable by the containers' users, in a folder that only its owner enters. */
function secret(name, make) {
  const file = path.join(folder, name);
  if (!existsSync(file)) {
    writeFileSync(file, make(), { mode: 0o644 });
    console.log(`made ${path.relative(process.cwd(), file)}`);
  }
  return readFileSync(file, 'utf8').trim();
}

const random = () => randomBytes(24).toString('base64url');
const postgres = secret('postgres_password', random);
const mongo = secret('mongo_password', random);
secret('database_url', () => `postgres://ulasan:${postgres}@postgres:5432/ulasan`);
secret('mongodb_uri', () => `mongodb://ulasan:${mongo}@mongo:27017/ulasan?authSource=admin`);
for (const name of ['api_token', 'privacy_key', 'alert_webhook_secret', 'postgres_reader_password', 'grafana_password']) secret(name, random);
// Empty: these belong to services of your own, and a channel without one is off.
for (const name of ['alert_webhook_url', 'slack_url', 'telegram_token', 'smtp_password']) secret(name, () => '');
