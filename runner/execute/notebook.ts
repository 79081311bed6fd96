import type { Job, JobResult } from '../model.ts';
export async function runNotebook(_job: Job, _file: string, _signal: AbortSignal): Promise<JobResult> { return { kind: 'interrupted' }; }
