// Deploys an image to a machine that runs docker compose, and goes back where it is not well:
//   pnpm deploy:host --host user@machine --image ghcr.io/...:commit
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { $ } from 'zx';

/**
 * What runs on the machine, in /srv/ulasan beside docker-compose.yml. The image before is kept by name; a server that is not
 * healthy in time brings it back. The reader's server is replaced last, when exporter and scheduler of the new image are well.
 */
const REMOTE = `set -eu
cd /srv/ulasan
before=$(grep -s '^ULASAN_IMAGE=' .env | cut -d= -f2- || true)
use() { grep -v '^ULASAN_IMAGE=' .env > .env.next || true; printf 'ULASAN_IMAGE=%s\\n' "$1" >> .env.next; mv .env.next .env; docker compose up -d --no-build --wait --wait-timeout 120 exporter scheduler server; }
docker pull --quiet "$IMAGE"
if use "$IMAGE"; then echo "deployed $IMAGE"; exit 0; fi
echo "not well: going back to \${before:-nothing}" >&2
if [ -n "$before" ]; then use "$before"; fi
exit 1
`;

const { values } = parseArgs({ options: { host: { type: 'string' }, image: { type: 'string' } } });
const { host, image } = values;
const { DEPLOY_KEY: key, DEPLOY_KNOWN_HOSTS: known } = process.env;
if (host === undefined || host === '' || image === undefined || !/^[\w./:@-]+$/.test(image) || key === undefined || known === undefined || known === '') {
  console.error('Usage: DEPLOY_KEY=... DEPLOY_KNOWN_HOSTS=... pnpm deploy:host --host user@machine --image name:tag');
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(path.join(tmpdir(), 'ulasan-deploy-'));
  try {
    writeFileSync(path.join(folder, 'key'), `${key.trim()}\n`, { mode: 0o600 });
    writeFileSync(path.join(folder, 'known'), `${known.trim()}\n`);
    const done = await $({ input: `IMAGE=${image}\n${REMOTE}`, nothrow: true, stdio: ['pipe', 'inherit', 'inherit'] })`ssh -i ${folder}/key -o UserKnownHostsFile=${folder}/known -o StrictHostKeyChecking=yes -o BatchMode=yes ${host} sh -s`;
    process.exitCode = done.exitCode ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
