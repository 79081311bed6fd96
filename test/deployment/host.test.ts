import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { root } from '../pipeline/rig.ts';
import { until } from '../services/rig.ts';
import { copied } from './image.ts';
import { Machine } from './machine.ts';

const skip = spawnSync('flock', ['--version']).status === 0 ? false : 'there is no flock, which every Linux has';
const RULES = 'monitoring/prometheus/rules/alerts.yml';

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
  machine.image('x:1');
});
afterEach(() => machine.remove());

/** The first version, as it should be. */
async function first(): Promise<void> {
  const { status, output } = await machine.deploy('x:1');
  assert.equal(status, 0, output);
}

/** A deployment of which the script on the machine is killed while it replaces containers. */
async function cutOff(image: string): Promise<void> {
  const { ended } = machine.deploying(image, { SLOW: image });
  await until(() => (machine.running()['exporter'] === image ? true : undefined), 'the first containers');
  const script = spawnSync('pgrep', ['-f', `sh -s -- ${image} ${machine.folder}`], { encoding: 'utf8' }).stdout.trim().split('\n').map(Number);
  for (const pid of script) if (pid > 0) process.kill(pid, 'SIGKILL');
  machine.goOn();
  await ended;
  await until(() => (spawnSync('flock', ['-n', path.join(machine.folder, '.deploy/lock'), 'true']).status === 0 ? true : undefined), 'the lock');
}

const same = (file: string): boolean => machine.read(file) === readFileSync(path.join(root, file), 'utf8');

describe('pnpm deploy:host', { skip }, () => {
  test('brings a new machine all that it needs: compose file, rules, dashboards, gateway, secrets and the image', async () => {
    machine.write('.env', 'RATE=20\nCOMPOSE_PROFILES=alerting');
    await first();
    for (const file of ['docker-compose.yml', RULES, 'monitoring/grafana/dashboards/model.json', 'services/gateway/haproxy.cfg']) assert.ok(same(file), file);
    assert.equal(machine.read('.env'), 'RATE=20\nCOMPOSE_PROFILES=alerting\nULASAN_IMAGE=x:1\n');
    assert.ok(machine.read('secrets/api_token').length > 20);
    assert.equal(statSync(path.join(machine.folder, 'secrets')).mode & 0o777, 0o700);
    assert.deepEqual(['server', 'exporter', 'scheduler'].map((name) => machine.running()[name]), ['x:1', 'x:1', 'x:1']);
    assert.ok(machine.running()['prometheus'] !== undefined);
  });

  test('looks at a version beside what runs, then replaces exporter and scheduler, then the server, and asks it', async () => {
    await first();
    const rehearsed = machine.calls().findIndex(({ args }) => args.includes('run') && args.includes('scripts/deploy/check.ts'));
    const ups = machine.said('compose', 'up').map((line) => line.replace(/.*--wait-timeout \d+ ?/, ''));
    assert.deepEqual(ups, ['exporter scheduler', 'server', '--remove-orphans']);
    assert.ok(rehearsed > 0 && rehearsed < machine.calls().findIndex(({ args }) => args.includes('up')));
    assert.deepEqual(machine.said('exec'), ['exec id-of-server node scripts/deploy/check.ts --url http://127.0.0.1:8501']);
    assert.deepEqual(machine.said('compose', 'exec'), ['compose exec -T server node scripts/deploy/check.ts --url http://gateway:8501'], 'and through the gateway, as a reader');
  });

  test('hands no program the rest of the script, and the host no word that is more than a word', async () => {
    await first();
    assert.deepEqual(machine.calls().filter(({ read }) => read > 0), []);
    assert.match(machine.connections()[0] ?? '', /StrictHostKeyChecking=yes .*-- deploy@machine sh -s -- x:1 \//);
    for (const [host, image] of [['-oProxyCommand=evil', 'x:1'], ['deploy@machine', 'x:1;reboot'], ['deploy@machine', '$(reboot)'], ['a b', 'x:1']] as const) assert.equal((await machine.deploy(image, { host })).status, 2, `${host} ${image}`);
    assert.equal((await machine.deploy('x:1', { DEPLOY_KEY: '' })).status, 2);
    assert.equal(machine.connections().length, 1);
  });

  test('changes nothing where the image cannot be had, does not fit the machine, or is not well beside what runs', async () => {
    await first();
    machine.image('x:sick', { rehearsal: false, files: { [RULES]: 'other' } });
    machine.image('x:broken', { files: { 'docker-compose.yml': 'services: {server: ' } });
    machine.image('x:bare', { files: { 'docker-compose.yml': null } });
    const ups = machine.said('compose', 'up').length;
    for (const [image, why] of [['x:absent', /x:absent cannot be pulled/], ['x:sick', /it is not well beside what runs/], ['x:broken', /its compose file is not valid here/], ['x:bare', /does not hold what belongs beside it/]] as const) {
      const { status, output } = await machine.deploy(image);
      assert.equal(status, 1, image);
      assert.match(output, why);
      assert.match(output, /nothing was changed/);
    }
    assert.equal(machine.said('compose', 'up').length, ups);
    assert.ok(same(RULES));
    assert.equal(machine.read('.env'), 'ULASAN_IMAGE=x:1\n');
  });

  test('goes back, with files and all, where a service does not become healthy', async () => {
    machine.write('.env', '# ours\nULASAN_IMAGE=x:1\nRATE=20\n');
    await first();
    for (const service of ['scheduler', 'server', 'grafana']) {
      machine.image('x:2', { unhealthy: [service], files: { [RULES]: 'other', 'monitoring/new.yml': 'new', 'services/gateway/haproxy.cfg': null } });
      const { status, output } = await machine.deploy('x:2');
      assert.equal(status, 1, output);
      assert.match(output, /healthy\): going back[\s\S]*the version before is back/);
      assert.deepEqual(['server', 'exporter', 'scheduler'].map((name) => machine.running()[name]), ['x:1', 'x:1', 'x:1'], service);
      assert.ok(same(RULES) && same('services/gateway/haproxy.cfg') && !machine.has('monitoring/new.yml'));
      assert.equal(machine.read('.env'), '# ours\nRATE=20\nULASAN_IMAGE=x:1\n');
    }
  });

  test('goes back where the server is healthy, but cannot show what is released', async () => {
    await first();
    machine.image('x:2', { answers: false });
    const { status, output } = await machine.deploy('x:2');
    assert.equal(status, 1);
    assert.match(output, /not well \(the server does not answer as it should\)/);
    assert.equal(machine.running()['server'], 'x:1');
  });

  test('leaves no image in .env where none was well', async () => {
    machine.image('x:2', { unhealthy: ['server'] });
    const { status, output } = await machine.deploy('x:2');
    assert.deepEqual([status, machine.has('.env'), machine.running()], [1, false, {}], output);
    assert.match(output, /nothing ran here before/);
    await first();
  });

  test('says so where the version before does not come back either', async () => {
    await first();
    machine.image('x:1', { unhealthy: ['server'] });
    machine.image('x:2', { unhealthy: ['exporter'] });
    const { status, output } = await machine.deploy('x:2');
    assert.equal(status, 3);
    assert.match(output, /the version before did not come back by itself \(the server is not healthy\)/);
  });

  test('tells those whose files changed, and nobody else, and takes away files that the new version has not', async () => {
    await first();
    assert.deepEqual([...machine.said('compose', 'kill'), ...machine.said('compose', 'restart')].filter((line) => /alertmanager|loki|alloy/.test(line)), [], 'what does not run is not told');
    machine.image('x:2', { files: { [RULES]: 'other', 'services/gateway/haproxy.cfg': 'other', 'monitoring/grafana/dashboards/model.json': '{}', 'monitoring/prometheus/prometheus.yml': null } });
    const calls = machine.calls().length;
    assert.equal((await machine.deploy('x:2')).status, 0);
    const since = machine.calls().slice(calls).map(({ args }) => args.join(' '));
    assert.deepEqual(since.filter((line) => /^compose (kill|restart)/.test(line)), ['compose kill -s HUP gateway', 'compose kill -s HUP prometheus']);
    assert.deepEqual([machine.read(RULES), machine.has('monitoring/prometheus/prometheus.yml'), machine.has('.deploy/previous/monitoring/prometheus/prometheus.yml')], ['other', false, true]);
  });

  test('cut off, and then with an image that there is not, the version that was well runs', async () => {
    await first();
    machine.image('x:2');
    await cutOff('x:2');
    const { status, output } = await machine.deploy('x:none');
    assert.deepEqual([status, machine.running()['exporter'], machine.running()['scheduler'], machine.running()['server']], [1, 'x:1', 'x:1', 'x:1'], output);
  });

  test('lays down what the users of the containers can read, whatever the umask says', async () => {
    const before = process.umask(0o077);
    try {
      await first();
    } finally {
      process.umask(before);
    }
    for (const file of [RULES, 'services/gateway/haproxy.cfg', 'monitoring/grafana/dashboards/model.json']) assert.equal(statSync(path.join(machine.folder, file)).mode & 0o777, 0o644, file);
    assert.equal(statSync(path.join(machine.folder, 'monitoring')).mode & 0o777, 0o755);
  });

  test('goes back with the configuration of Alertmanager as well, and leaves it where nothing is changed', async () => {
    machine.write('.env', 'COMPOSE_PROFILES=alerting\n');
    await first();
    const before = machine.read('secrets/alertmanager');
    const other = { files: { 'scripts/alerting.js': readFileSync(path.join(root, 'scripts/alerting.js'), 'utf8').replaceAll("'30s'", "'31s'") } };
    machine.image('x:2', { ...other, unhealthy: ['server'] });
    machine.image('x:3', { ...other, rehearsal: false });
    for (const image of ['x:2', 'x:3']) {
      assert.equal((await machine.deploy(image)).status, 1);
      assert.equal(machine.read('secrets/alertmanager'), before, image);
    }
    machine.image('x:4', other);
    assert.equal((await machine.deploy('x:4')).status, 0);
    assert.match(machine.read('secrets/alertmanager'), /31s/);
  });

  test('touches no file of the project that is not its own', async () => {
    machine.write('services/other.ts', 'mine');
    machine.write('secrets/slack_url', 'https://hooks.example/x');
    await first();
    assert.deepEqual([machine.read('services/other.ts'), machine.read('secrets/slack_url')], ['mine', 'https://hooks.example/x']);
  });

  test('is refused while another one is under way', async (t) => {
    await first();
    const holder = spawn('flock', [path.join(machine.folder, '.deploy/lock'), 'sleep', '60']);
    t.after(() => holder.kill());
    await until(() => (spawnSync('flock', ['-n', path.join(machine.folder, '.deploy/lock'), 'true']).status === 0 ? undefined : true), 'the lock');
    const { status, output } = await machine.deploy('x:1');
    assert.deepEqual([status, /another deployment is under way/.test(output)], [1, true], output);
  });

  test('goes on to its end where the connection breaks', async () => {
    await first();
    machine.image('x:2', { files: { [RULES]: 'other' } });
    const { child } = machine.deploying('x:2', { SLOW: 'x:2' });
    await until(() => (machine.running()['exporter'] === 'x:2' ? true : undefined), 'the first containers');
    // Nobody hears any more what is said.
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    child.kill('SIGKILL');
    machine.goOn();
    await until(() => (machine.has('.env') && machine.read('.env') === 'ULASAN_IMAGE=x:2\n' ? true : undefined), 'the end of it');
    assert.equal(machine.read(RULES), 'other');
  });

  test('cut off when all was done but the tidying up, nothing is taken back', async () => {
    await first();
    machine.write('.deploy/before/docker-compose.yml', 'of the version before');
    const { status, output } = await machine.deploy('x:1');
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /cut off/);
    assert.ok(same('docker-compose.yml'));
  });

  test('cut off on the machine itself, the next one begins from the version that was well', async () => {
    await first();
    machine.image('x:2', { files: { [RULES]: 'other' } });
    machine.image('x:3', { unhealthy: ['server'] });
    await cutOff('x:2');
    assert.deepEqual([machine.read('.env'), machine.read(RULES)], ['ULASAN_IMAGE=x:1\n', 'other']);
    const { output } = await machine.deploy('x:3');
    assert.match(output, /the deployment before was cut off/);
    assert.ok(machine.calls().some(({ args, image }) => args.includes('up') && args.includes('server') && image === 'x:1'), 'what nobody looked at does not go on running meanwhile');
    assert.deepEqual([machine.read('.env'), same(RULES), machine.running()['exporter'], machine.running()['server']], ['ULASAN_IMAGE=x:1\n', true, 'x:1', 'x:1'], output);
  });
});

describe('what a deployment takes from the image', () => {
  test('is in the image', () => {
    const script = readFileSync(path.join(root, 'scripts/deploy/remote.sh'), 'utf8');
    const beside = /^BESIDE='(.+)'$/m.exec(script)?.[1]?.split(' ') ?? [];
    assert.ok(beside.length > 3);
    for (const part of [...beside, 'scripts/secrets.js', 'scripts/deploy/check.ts']) assert.ok(copied().some((name) => part === name || part.startsWith(`${name}/`)) && existsSync(path.join(root, part)), part);
  });

  test('is told to services that the compose file has', () => {
    const readers = /^READERS='(.+)'$/m.exec(readFileSync(path.join(root, 'scripts/deploy/remote.sh'), 'utf8'))?.[1]?.split(' ') ?? [];
    const compose = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8');
    for (const reader of readers) {
      const [service = '', , part = ''] = reader.split(':');
      assert.match(compose, new RegExp(`^ {2}${service}:$`, 'm'));
      assert.ok(existsSync(path.join(root, part)), part);
    }
  });
});
