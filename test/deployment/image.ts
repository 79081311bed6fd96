import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { root } from '../pipeline/rig.ts';

export interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly user?: string;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly memory?: string; readonly cpus?: string } } };
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** docker-compose.yml with its anchors merged and `${NAME:-default}` filled. */
export function readCompose(env: Readonly<Record<string, string>> = {}): Compose {
  const text = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8').replaceAll(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, otherwise: string) => env[name] ?? otherwise);
  return parse(text, { merge: true }) as Compose;
}

/** What the Dockerfile copies from the project into its last stage. */
export function copied(): readonly string[] {
  const last = readFileSync(path.join(root, 'Dockerfile'), 'utf8').split(/^FROM /m).at(-1) ?? '';
  return [...last.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '));
}

/** A folder with what the image holds, and no file more: what is missing there is missed here. */
export function makeImage(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of copied()) cpSync(path.join(root, name), path.join(folder, name), { recursive: true, filter: (file) => !/\/site\/(dist|\.astro)(\/|$)/.test(file) });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
}
