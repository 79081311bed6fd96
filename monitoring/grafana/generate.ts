// Writes the dashboards that Grafana loads: node monitoring/grafana/generate.ts. They are committed; a test compares them.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DASHBOARDS } from './dashboards.ts';

for (const [name, make] of Object.entries(DASHBOARDS)) writeFileSync(path.join(import.meta.dirname, 'dashboards', `${name}.json`), `${JSON.stringify(make(), null, 2)}\n`);
