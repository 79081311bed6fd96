import path from 'node:path';
import type { z } from 'zod';
import { jsonFile } from '../state/json-file.ts';
import type { Value } from './gauges.ts';

/** The small files that the metrics come from. Each is known by a name, under which is told whether it could be read. */
export interface Files {
  /** A reader of one file: its content, or null where it is missing or broken. */
  open<S extends z.ZodType>(name: string, file: string, schema: S): () => z.infer<S> | null;
  /** 1 where a file could be read or is not there yet, 0 where it is broken, as of the last reading. */
  success(): readonly Value[];
}

export function openFiles(workspace: string): Files {
  const broken = new Map<string, boolean>();
  return {
    open(name, file, schema) {
      const read = jsonFile(path.join(workspace, file), schema);
      broken.set(name, false);
      return () => {
        const reading = read();
        broken.set(name, reading.kind === 'broken');
        return reading.kind === 'read' ? reading.value : null;
      };
    },
    success: () => [...broken].map(([file, isBroken]) => ({ labels: { file }, value: isBroken ? 0 : 1 })),
  };
}
