import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { folder } from './rig.ts';

const CHAIN = `stages:
  one:
    cmd: echo working; echo "one $(cat source)" > one.txt
    deps: [source]
    outs: [one.txt]
  two:
    cmd: tr a-z A-Z < one.txt > two.txt
    deps: [one.txt]
    params: [x]
    outs: [two.txt]
`;

describe('repro', () => {
  test('runs the pipeline, then has nothing to do, and says so', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    const first = await made.repro();
    assert.equal(first.status, 0, first.messages);
    assert.match(first.messages, /✔ one {2}ran .*never ran\n/);
    assert.match(first.messages, /\n2 stages: 2 ran in \d/);
    assert.equal(first.out, '');
    assert.equal(made.read('two.txt'), 'ONE 1\n');
    const second = await made.repro();
    assert.equal(second.status, 0);
    assert.match(second.messages, /^Nothing to do: 2 stages are fresh/);
    assert.equal(second.messages.trimEnd().split('\n').length, 1);
  });

  test('a workspace that is not there is made by a run, and by nothing else', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    for (const words of [['status'], ['why'], ['dag'], ['logs', 'one'], ['gc'], ['--dry-run']]) {
      const { status, out, messages } = await made.repro(...words, '--workspace', 'mistyped');
      assert.deepEqual([status, out, made.has('mistyped')], [2, '', false], messages);
      assert.match(messages, /^error: There is no workspace .*mistyped\n {2}hint: look at --workspace or REPRO_WORKSPACE; a run makes one, unless it is dry\n$/);
    }
    assert.equal((await made.repro('--help', '--workspace', 'nowhere')).status, 0);
    assert.equal((await made.repro('one', '--workspace', 'made')).status, 0);
    assert.ok(made.has('made/one.txt'));
  });

  test('--set holds for one run, and the next plain one restores what the file says', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    await made.repro();
    const set = await made.repro('--set', 'x=2');
    assert.match(set.messages, /✔ two {2}ran .*params x: 1 -> 2/);
    const back = await made.repro();
    assert.match(back.messages, /↺ two {2}restored .*params x: 2 -> 1/);
    const [, second = ''] = made.list('.repro/runs');
    assert.deepEqual(JSON.parse(made.read(`.repro/runs/${second}`)).overrides, ['x=2']);
  });

  test('a failure tells stage, place, last lines and log, and exits with 1; what went well is kept', async (t) => {
    const made = folder(t, `stages:\n  good:\n    cmd: echo fine > good.txt\n    outs: [good.txt]\n  bad:\n    cmd: cat good.txt; printf 'esc\\033[31mape'; exit 3\n    deps: [good.txt]\n    outs: [bad.txt]\n`);
    const run = await made.repro();
    assert.equal(run.status, 1);
    assert.match(run.messages, /error: .*"bad".*3\n {2}--> pipeline\.yaml:5:3\n/);
    assert.match(run.messages, /\| fine\n/);
    assert.match(run.messages, /\| escape\n/);
    assert.match(run.messages, /log: \.repro\/logs\/.*\/bad\.log/);
    assert.match(run.messages, /2 stages: 1 ran, 1 failed/);
    assert.equal(made.read('good.txt'), 'fine\n');
  });

  test('--json tells every event and the summary as one object a line on stdout', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    const run = await made.repro('--json');
    const events = run.out.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(events.map(({ event }) => event), ['run-started', 'stage-started', 'stage-settled', 'stage-started', 'stage-settled', 'summary']);
    assert.equal(run.messages, '');
    const summary = events.at(-1);
    assert.deepEqual([summary.outcome, summary.stages.map(({ state }: { state: string }) => state)], ['done', ['ran', 'ran']]);
    const idle = JSON.parse((await made.repro('--json')).out);
    assert.deepEqual([idle.event, idle.outcome], ['summary', 'nothing-to-do']);
  });

  test('--dry-run and status tell what would happen, and change nothing', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    const dry = await made.repro('--dry-run');
    assert.equal(dry.status, 0);
    assert.match(dry.out, /▸ one {2}to run .*never ran\n/);
    assert.match(dry.out, /two {2}to run .*never ran/);
    assert.ok(!made.has('one.txt') && !made.has('pipeline.lock') && made.list('.repro/stages').length === 0);
    await made.repro();
    assert.match((await made.repro('status')).out, /≡ one {2}fresh\n≡ two {2}fresh\n/);
    made.write('source', '2');
    assert.match((await made.repro('status')).out, /▸ one {2}to run .*dep source changed\n\? two {2}may run .*may run: one runs first/);
    assert.match((await made.repro('why', 'two')).out, /^two: may run\n {2}may run: one runs first\n/);
  });

  test('logs replays what a stage printed', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    const early = await made.repro('logs', 'one');
    assert.deepEqual([early.status, early.messages], [2, 'error: Cannot show the output of "one" as it never ran here\n']);
    await made.repro();
    assert.equal((await made.repro('logs', 'one')).out, 'working\n');
  });

  test('dag draws the graph for a terminal, as Mermaid and as DOT', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    assert.equal((await made.repro('dag')).out, 'one\n  two  ← one\n');
    assert.equal((await made.repro('dag', '--mermaid')).out, 'flowchart TD\n  s0["one"]\n  s1["two"]\n  s0 --> s1\n');
    assert.match((await made.repro('dag', '--dot')).out, /"one" -> "two";/);
  });

  test('works from anywhere with -C, --file and --workspace, and leaves the code root alone', async (t) => {
    const made = folder(t, 'not a pipeline').write('code/other.yaml', CHAIN).write('code/source', '1').write('code/params.yaml', 'x: 1\n');
    const run = await made.repro('-C', 'code', '--file', 'other.yaml', '--workspace', '../work');
    assert.equal(run.status, 0, run.messages);
    assert.deepEqual(made.list('work').filter((name) => !name.startsWith('.')), ['one.txt', 'other.lock', 'two.txt']);
    assert.deepEqual(made.list('code'), ['other.yaml', 'params.yaml', 'source']);
  });

  test('wrong usage exits with 2, names what is meant, and shows the way to the help', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    for (const [args, message] of [
      [['--keep-goin'], 'Cannot use option "--keep-goin" as there is none of that name: did you mean "--keep-going"?'],
      [['--jobs', 'many'], 'Cannot run "many" stages at a time as --jobs must be a whole number above 0'],
      [['--single'], 'Cannot use --single without a stage as it means "this one and nothing else"'],
      [['onee'], 'Cannot find stage "onee" in the pipeline: did you mean "one"?'],
      [['logs'], 'Cannot show output without a stage: name one'],
    ] as const) {
      const run = await made.repro(...args);
      assert.equal(run.status, 2);
      assert.equal(run.messages.split('\n')[0], `error: ${message}`);
    }
    assert.match((await made.repro('staus')).messages, /did you mean the command "status"\?/);
    const help = await made.repro('--help');
    assert.equal(help.status, 0);
    assert.match(help.out, /^repro: brings a pipeline up to date/);
  });

  test('an invalid pipeline exits with 2 before anything runs', async (t) => {
    const made = folder(t, 'stages:\n  one:\n    cmd: touch one\n    outs: [one]\n  two:\n    cmdd: x\n');
    const run = await made.repro();
    assert.equal(run.status, 2);
    assert.match(run.messages, /--> pipeline\.yaml:6:\d+/);
    assert.ok(!made.has('one'));
  });

  test('a stage with the name of a command is reached by repro run', async (t) => {
    const made = folder(t, 'stages:\n  status:\n    cmd: echo x > x\n    outs: [x]\n');
    await made.repro('status');
    assert.ok(!made.has('x'));
    await made.repro('run', 'status');
    assert.ok(made.has('x'));
  });

  test('every option of the help exists, and every option is in the help', async (t) => {
    const { OPTION_NAMES } = await import('../../../runner/cli-options.ts');
    const help = (await folder(t, CHAIN).repro('--help')).out;
    const told = new Set([...help.matchAll(/--([a-z-]+)/g)].map((match) => match[1] ?? ''));
    for (const option of OPTION_NAMES) assert.ok(told.has(option) || (option === 'directory' && help.includes('-C <folder>')), option);
    for (const option of told) assert.ok(OPTION_NAMES.includes(option), option);
  });

  test('keeps its own files out of git', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    await made.repro();
    assert.equal(made.read('.repro/.gitignore'), '*\n');
  });

  test('a .repro that cannot be used is one clear problem', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n').write('.repro', 'a file where a folder should be');
    const run = await made.repro();
    assert.equal(run.status, 1);
    assert.match(run.messages, /^error: Cannot (use|write) ".repro.*\n {2}hint: /);
    assert.ok(!run.messages.includes('    at '));
  });

  test('started by an older Node, runs on the one that npm installed', async (t) => {
    const older = (process.env.PATH ?? '').split(':').map((bin) => `${bin}/node`).find((node) => {
      const { status, stdout } = spawnSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' });
      return status === 0 && Number(stdout) >= 20 && Number(stdout) < 26;
    });
    if (older === undefined) return t.skip('there is no older Node on PATH');
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    const run = await made.start([], {}, older).ended;
    assert.equal(run.status, 0, run.messages);
    assert.ok(made.has('two.txt'));
    assert.equal((await made.start(['nowhere'], {}, older).ended).status, 2);
    return undefined;
  });

  test('a reader that goes away does not end the run', async (t) => {
    const made = folder(t, CHAIN).write('source', '1').write('params.yaml', 'x: 1\n');
    const { child, ended } = made.start(['--json']);
    child.stdout?.destroy();
    assert.equal((await ended).status, 0);
    assert.ok(made.has('two.txt'));
  });
});

describe('repro gc', () => {
  const SIZED = 'stages:\n  a:\n    cmd: head -c 1000 /dev/zero | tr "\\0" "$(cat source)" > a.txt\n    deps: [source]\n    outs: [a.txt]\n';
  const objects = (made: ReturnType<typeof folder>): number => made.list('.repro/cache/objects').length;

  async function versions(t: TestContext): Promise<ReturnType<typeof folder>> {
    const made = folder(t, SIZED);
    for (const text of ['1', '2', '3']) assert.equal((await made.write('source', text).repro()).status, 0);
    assert.equal(objects(made), 3);
    return made;
  }

  test('clears the oldest results until so much is left as --keep says, and never the last ones', async (t) => {
    const made = await versions(t);
    assert.match((await made.repro('gc', '--keep', '2kB', '--dry-run')).messages, /^1 earlier result and 1\.0 kB would go; 2\.0 kB of the cache would be left\n/);
    assert.equal(objects(made), 3);
    assert.deepEqual(JSON.parse((await made.repro('gc', '--keep', '2000', '--json')).out), { event: 'gc', objects: 1, bytes: 1000, keptBytes: 2000, results: 1 });
    made.write('source', '2');
    assert.match((await made.repro()).messages, /↺ a +restored/);
    made.write('source', '1');
    assert.match((await made.repro()).messages, /✔ a +ran/);
    assert.match((await made.repro('gc')).messages, /^2 earlier results and 2\.0 kB went; 1\.0 kB of the cache are left\n/);
    assert.match((await made.repro()).messages, /Nothing to do/);
  });

  test('takes a size and no words', async (t) => {
    const made = folder(t, SIZED);
    for (const [args, said] of [[['gc', '--keep', 'much'], /Cannot keep "much" as --keep is a size such as 500MB or 2GB/], [['gc', 'a'], /Cannot use words after gc/]] as const) {
      const { status, messages } = await made.repro(...args);
      assert.deepEqual([status, said.test(messages)], [2, true], messages);
    }
  });
});
