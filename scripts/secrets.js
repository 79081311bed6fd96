// Makes the files of ./secrets that docker-compose.yml names, where they are missing, and the configuration of Alertmanager
// from those and .env:  node scripts/secrets.js [folder]
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { channels, configuration } from './alerting.js';

if (process.argv.length > 3 || process.argv[2]?.startsWith('-') === true) {
  console.error('Usage: node scripts/secrets.js [folder]');
  process.exit(process.argv[2] === '--help' ? 0 : 2);
}
const folder = path.resolve(process.argv[2] ?? path.join(path.dirname(import.meta.dirname), 'secrets'));
// Only its owner may enter; the files in it are readable by the users of the containers, which are others.
mkdirSync(folder, { recursive: true });
chmodSync(folder, 0o700);

/** In one step: a secret that is cut would be taken for the real one ever after. */
function write(name, text) {
  const file = path.join(folder, name);
  writeFileSync(`${file}.tmp`, text);
  // Whatever the umask takes away, the containers need.
  chmodSync(`${file}.tmp`, 0o644);
  renameSync(`${file}.tmp`, file);
}

const read = (name) => readFileSync(path.join(folder, name), 'utf8').trim();

/** Makes a file once: a secret that is in use is never changed. */
function secret(name, make) {
  if (!existsSync(path.join(folder, name))) {
    write(name, make());
    console.log(`made ${path.relative(process.cwd(), path.join(folder, name))}`);
  }
  return read(name);
}

const random = () => randomBytes(24).toString('base64url');
const [postgres, mongo] = [secret('postgres_password', random), secret('mongo_password', random)].map(encodeURIComponent);
secret('database_url', () => `postgres://ulasan:${postgres}@postgres:5432/ulasan`);
secret('mongodb_uri', () => `mongodb://ulasan:${mongo}@mongo:27017/ulasan?authSource=admin`);
for (const name of ['api_token', 'privacy_key', 'alert_webhook_secret', 'postgres_reader_password', 'grafana_password']) secret(name, random);
// Empty: these belong to services of your own.
for (const name of ['alert_webhook_url', 'slack_url', 'telegram_token', 'smtp_password']) secret(name, () => '');

// Beside the folder, where docker compose reads it too.
const env = path.join(path.dirname(folder), '.env');
const settings = { ...(existsSync(env) ? parseEnv(readFileSync(env, 'utf8')) : {}), ...process.env };
const has = (name) => read(name) !== '';
const states = Object.entries(channels(settings, has));
// What Alertmanager runs with stays as it is until the mistake is mended.
const wrong = states.flatMap(([, channel]) => channel.wrong);
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  process.exit(2);
}
write('alertmanager', `${JSON.stringify(configuration(settings, has), null, 2)}\n`);
for (const [name, { missing }] of states) console.log(`Alertmanager, ${name}: ${missing.length === 0 ? 'on' : `off, without ${missing.join(' and ')}`}`);
