// Prints measurements as ratios against a peer or the bare limit, taken in one run:
//   pnpm bench [name] [--json] [--rounds N]
import { parseArgs } from 'node:util';
import { data } from './data.bench.ts';
import { pipeline } from './pipeline.bench.ts';
import { held, table } from './row.ts';
import type { Row } from './row.ts';
import { runner } from './runner.bench.ts';
import { services } from './services.bench.ts';
import { sql } from './sql.bench.ts';

const benches: Readonly<Record<string, (rounds: number) => Promise<readonly Row[]>>> = { runner, pipeline, data, sql, services };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '15' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.filter((name) => !(name in benches));
const rounds = Number(values.rounds);
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`Cannot measure ${[...unknown, ...(rounds >= 1 ? [] : [`--rounds ${values.rounds}`])].join(', ')}: choose from ${Object.keys(benches).join(', ')}, and a whole number of rounds`);
  process.exit(2);
}

const rows: Row[] = [];
for (const name of names) rows.push(...((await benches[name]?.(rounds)) ?? []));
if (values.json) console.log(JSON.stringify(rows.map((row) => ({ ...row, held: held(row) })), null, 2));
else console.log(table(rows));
process.exitCode = rows.some((row) => held(row) === false) ? 1 : 0;
