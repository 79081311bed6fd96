import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadPipeline } from '../../../runner/load.ts';
import type { Pipeline, Stage } from '../../../runner/model.ts';

/** A folder with a pipeline.yaml, and what loading it gives. */
export class Folder {
  readonly path = realpathSync(mkdtempSync(path.join(tmpdir(), 'ulasan-load-')));

  write(file: string, text: string): this {
    mkdirSync(path.dirname(path.join(this.path, file)), { recursive: true });
    writeFileSync(path.join(this.path, file), text);
    return this;
  }

  load(yaml?: string, overrides: readonly string[] = []) {
    if (yaml !== undefined) this.write('pipeline.yaml', yaml);
    return loadPipeline({ file: path.join(this.path, 'pipeline.yaml'), roots: { code: this.path, workspace: this.path }, overrides });
  }

  /** Every problem as a person sees it: place, sentence. */
  async problems(yaml?: string, overrides: readonly string[] = []): Promise<readonly string[]> {
    const result = await this.load(yaml, overrides);
    if (result.ok) return [];
    return result.problems.map(({ place, message }) => (place === undefined ? message : `${place.file}:${place.line}:${place.column} ${message}`));
  }

  async pipeline(yaml?: string, overrides: readonly string[] = []): Promise<Pipeline> {
    const result = await this.load(yaml, overrides);
    if (!result.ok) throw new Error(`Cannot load: ${result.problems.map(({ message }) => message).join('; ')}`);
    return result.value;
  }

  async stage(name: string, yaml?: string, overrides: readonly string[] = []): Promise<Stage> {
    const found = (await this.pipeline(yaml, overrides)).stages.find((stage) => stage.name === name);
    if (found === undefined) throw new Error(`There is no stage ${name}`);
    return found;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
