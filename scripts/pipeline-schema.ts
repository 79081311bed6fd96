// Writes the JSON Schema of pipeline.yaml, for editors, from the schema that checks it: node scripts/pipeline-schema.ts
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipelineJsonSchema } from '../runner/spec.ts';

writeFileSync(path.join(path.dirname(import.meta.dirname), 'runner', 'pipeline.schema.json'), `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`);
