import { z } from 'zod';
import { nearestName } from '../../records/nearest.ts';
import { paramProblems } from '../../schema/param-problems.ts';
import { ScheduleParams } from '../../schema/params.ts';
import { paramSentence } from '../../schema/wording-params.ts';
import { readParamsFile } from '../params-file.ts';
import type { ParamsFile } from '../params-file.ts';
import { UsageError } from '../settings.ts';
import { wording } from '../wording.ts';

/** Compose hands on what .env does not say as an empty text. */
const said = (text: string | undefined): string | undefined => (text?.trim() === '' ? undefined : text);

const Params = z.object({ schedule: ScheduleParams });

/** All that is wrong: where, the value seen, what it should be. */
function problemsIn({ value, place }: Extract<ParamsFile, { readonly ok: true }>): string {
  return paramProblems(Params, value).map((problem) => `${place(problem.path)}: ${paramSentence(problem, (name, known) => nearestName([name], known))}`).join('; ');
}

/** `schedule` of params.yaml; SCHEDULE_CRON, SCHEDULE_TIMEZONE and SCHEDULE_SET (words apart by spaces) of the environment win. */
export function readScheduleParams(code: string, env: NodeJS.ProcessEnv = process.env): ScheduleParams {
  const file = readParamsFile(code);
  if (!file.ok) throw new UsageError(wording.badSchedule(file.why));
  const parsed = Params.safeParse(file.value);
  if (!parsed.success) throw new UsageError(wording.badSchedule(problemsIn(file)));
  const { schedule } = parsed.data;
  const words = (env.SCHEDULE_SET ?? '').split(/\s+/).filter((word) => word !== '');
  return { ...schedule, cron: said(env.SCHEDULE_CRON) ?? schedule.cron, timezone: said(env.SCHEDULE_TIMEZONE) ?? schedule.timezone, set: [...schedule.set, ...words] };
}
