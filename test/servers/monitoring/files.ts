import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../pipeline/rig.ts';
import { postgresMissing } from '../postgres/server.ts';

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
export const missing = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool'].filter((program) => !has(program));
export const skip = missing.length > 0 ? `missing: ${missing.join(', ')} (Debian: prometheus, prometheus-alertmanager)` : postgresMissing();
export const at = (...parts: readonly string[]): string => path.join(root, 'monitoring', ...parts);

export function run(program: string, ...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, [...args], { encoding: 'utf8', cwd: root });
  return { status, output: `${stdout}${stderr}` };
}

export interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
}

interface Target {
  readonly expr?: string;
  readonly rawSql?: string;
}

interface PanelJson {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly Target[];
  readonly panels?: readonly PanelJson[];
}

/** Every panel of every dashboard as it is committed. */
export function panels(): readonly { readonly dashboard: string; readonly panel: PanelJson }[] {
  const flat = (panel: PanelJson): readonly PanelJson[] => [panel, ...(panel.panels ?? []).flatMap(flat)];
  return readdirSync(at('grafana/dashboards')).flatMap((file) => {
    const { panels: top } = JSON.parse(readFileSync(at('grafana/dashboards', file), 'utf8')) as { readonly panels: readonly PanelJson[] };
    return top.flatMap(flat).filter(({ type }) => type !== 'row').map((panel) => ({ dashboard: file, panel }));
  });
}
