// Stands in for docker where there is no engine: answers as its documentation says, runs no container, and remembers each call.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, fstatSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const home = process.env.MACHINE ?? '';
const args = process.argv.slice(2);

interface Behaviour {
  readonly rehearsal?: boolean;
  readonly answers?: boolean;
  readonly unhealthy?: readonly string[];
}

const appOf = (image: string): string => path.join(home, 'images', encodeURIComponent(image));
const behaviourOf = (image: string): Behaviour => (existsSync(appOf(image)) ? (JSON.parse(readFileSync(path.join(appOf(image), 'behaviour.json'), 'utf8')) as Behaviour) : {});

/** As compose looks it up: the environment, then .env of the project's folder, then what the compose file says. */
function imageOf(): string {
  const file = existsSync('.env') ? readFileSync('.env', 'utf8') : '';
  return process.env.ULASAN_IMAGE ?? /^ULASAN_IMAGE=(.*)$/m.exec(file)?.[1] ?? 'ulasan:local';
}

/** All that it is given to read; a terminal or nothing is no input. */
function input(): number {
  const stat = fstatSync(0);
  return stat.isFIFO() || stat.isFile() || stat.isSocket() ? readFileSync(0).length : 0;
}

appendFileSync(path.join(home, 'calls.jsonl'), `${JSON.stringify({ args, image: imageOf(), read: input() })}\n`);

const runningFile = path.join(home, 'running.json');
const running = (): Record<string, string> => (existsSync(runningFile) ? (JSON.parse(readFileSync(runningFile, 'utf8')) as Record<string, string>) : {});

/** Read by a test at any time. */
function keep(services: Readonly<Record<string, string>>): void {
  writeFileSync(`${runningFile}.next`, JSON.stringify(services));
  renameSync(`${runningFile}.next`, runningFile);
}

/** The value of a flag with one. */
const after = (words: readonly string[], flag: string): string | undefined => (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);

interface ComposeFile {
  readonly services: Readonly<Record<string, { readonly image?: string; readonly build?: string; readonly profiles?: readonly string[] }>>;
}

function composeFile(words: readonly string[]): ComposeFile {
  // Loaded by the few calls that need it: there are twenty in a deployment.
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  return parse(readFileSync(after(words, '-f') ?? 'docker-compose.yml', 'utf8'), { merge: true }) as ComposeFile;
}

/** Starts services; 1 where one does not become healthy. With --wait it only comes back when that is known. */
function up(words: readonly string[]): number {
  const { services } = composeFile(args);
  const named = words.filter((word, at) => !word.startsWith('-') && !(words[at - 1] ?? '').match(/^--(wait-timeout|scale)$/));
  const started = named.length > 0 ? named : Object.entries(services).flatMap(([name, { profiles }]) => (profiles === undefined ? [name] : []));
  const ours = started.filter((name) => services[name]?.build !== undefined);
  // An image that nobody pulled cannot be started, and is not built.
  if (ours.length > 0 && !existsSync(appOf(imageOf()))) return 1;
  keep({ ...running(), ...Object.fromEntries(started.map((name) => [name, services[name]?.build === undefined ? 'of-others' : imageOf()])) });
  // Until it is let go on, or everything is over.
  if (process.env.SLOW === imageOf()) while (existsSync(runningFile) && !existsSync(path.join(home, 'go-on'))) spawnSync('sleep', ['0.05']);
  return started.some((name) => behaviourOf(imageOf()).unhealthy?.includes(name)) ? 1 : 0;
}

function run(words: readonly string[]): number {
  const image = words.find((word) => existsSync(appOf(word)));
  if (image === undefined) return 125;
  const command = words.slice(words.indexOf(image) + 1);
  if (after(words, '--entrypoint') === 'tar') return spawnSync('tar', command.map((word) => word.replace(/^\/app$/, appOf(image))), { stdio: 'inherit' }).status ?? 1;
  // Paths of the container are those of the machine that are mounted there, the innermost first.
  const mounts = words.flatMap((word, at) => (words[at - 1] === '-v' ? [word.split(':')] : [])).sort(([, a = ''], [, b = '']) => b.length - a.length);
  const outside = (word: string): string => {
    const [from = '', to = ''] = mounts.find(([, target = '']) => word === target || word.startsWith(`${target}/`)) ?? [];
    return from + word.slice(to.length);
  };
  return spawnSync(process.execPath, [path.join(appOf(image), command[1] ?? ''), ...command.slice(2).map(outside)], { stdio: 'inherit' }).status ?? 1;
}

function compose(words: readonly string[]): number {
  const at = words.findIndex((word, index) => !word.startsWith('-') && !/^(-f|--project-directory)$/.test(words[index - 1] ?? ''));
  const [command, ...more] = words.slice(at);
  switch (command) {
    case 'config':
      try {
        const { services } = composeFile(words);
        if (more.includes('--services')) console.log(Object.keys(services).join('\n'));
        return 0;
      } catch (error) {
        console.error(String(error));
        return 15;
      }
    case 'ps':
      if (more.includes('-q')) console.log(running()['server'] === undefined ? '' : 'id-of-server');
      else console.log(Object.keys(running()).join('\n'));
      return 0;
    case 'up':
      return up(more);
    case 'run':
      return behaviourOf(imageOf()).rehearsal === false ? 1 : 0;
    case 'exec':
      return behaviourOf(running()['server'] ?? '').answers === false ? 1 : 0;
    case 'stop':
      keep({});
      return 0;
    case 'kill':
    case 'restart':
    case 'logs':
      return 0;
    default:
      return 1;
  }
}

function main(): number {
  const [command, ...more] = args;
  switch (command) {
    case 'pull':
      return existsSync(appOf(more.at(-1) ?? '')) ? 0 : 1;
    case 'run':
      return run(more);
    case 'exec':
      return behaviourOf(running()['server'] ?? '').answers === false ? 1 : 0;
    case 'compose':
      return compose(more);
    default:
      return 1;
  }
}

process.exitCode = main();
