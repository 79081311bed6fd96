import type { Problem } from '../model.ts';
import type { Prediction } from '../predict.ts';
import type { EngineEvent } from '../session.ts';

/** One JSON object a line: what programs read from stdout. */
export type JsonLine = Readonly<Record<string, unknown>>;

export function eventJson(event: EngineEvent): JsonLine {
  switch (event.kind) {
    case 'waiting':
      return { event: 'waiting', pid: event.holder.pid ?? null };
    case 'warning':
      return { event: 'warning', stage: event.stage ?? null, text: event.text };
    case 'run-started':
      return { event: 'run-started', run: event.run, stages: event.stages };
    case 'stage-started':
      return { event: 'stage-started', stage: event.stage, reasons: event.reasons };
    case 'stage-said':
      return { event: 'stage-said', stage: event.stage, line: event.line };
    case 'stage-settled':
      return { event: 'stage-settled', ...event.report, tail: event.tail };
    case 'run-finished':
      return { event: 'summary', ...event.run };
    default: {
      const never: never = event;
      return never;
    }
  }
}

export function problemJson(problem: Problem): JsonLine {
  return { event: 'problem', ...problem };
}

export function predictionJson({ name, state, reasons, record }: Prediction): JsonLine {
  return { name, state, reasons, ranAt: record?.ranAt ?? null, seconds: record?.seconds ?? null, headline: record?.headline ?? null };
}
