import { z } from 'zod';
import { nearestName } from '../../records/nearest.ts';
import { paramProblems } from '../../schema/param-problems.ts';
import { ScheduleParams } from '../../schema/params.ts';
import { paramSentence } from '../../schema/wording-params.ts';
import { readParamsFile } from '../params-file.ts';
import type { ParamsFile } from '../params-file.ts';
import { UsageError } from '../settings.ts';
import { wording } from '../wording.ts';
import type { Places } from './times.ts';

/** Compose hands on what .env does not say as an empty text. */
const said = (text: string | undefined): string | undefined => (text?.trim() === '' ? undefined : text);

const Params = z.object({ schedule: ScheduleParams });

/** All that is wrong: where, the value seen, what it should be. */
function problemsIn({ value, place }: Extract<ParamsFile, { readonly ok: true }>): string {
  return paramProblems(Params, value).map((problem) => `${place(problem.path)}: ${paramSentence(problem, (name, known) => nearestName([name], known))}`).join('; ');
}

/** With where pattern and time zone come from, in words: a variable, or a place in params.yaml. */
export type Schedule = ScheduleParams & { readonly places: Places };

/** `schedule` of params.yaml; SCHEDULE_CRON, SCHEDULE_TIMEZONE and SCHEDULE_SET (words apart by spaces) of the environment win. */
export function readScheduleParams(code: string, env: NodeJS.ProcessEnv = process.env): Schedule {
  const file = readParamsFile(code);
  if (!file.ok) throw new UsageError(wording.badSchedule(file.why));
  const parsed = Params.safeParse(file.value);
  if (!parsed.success) throw new UsageError(wording.badSchedule(problemsIn(file)));
  const { schedule } = parsed.data;
  const words = (env.SCHEDULE_SET ?? '').split(/\s+/).filter((word) => word !== '');
  const [cron, timezone] = [said(env.SCHEDULE_CRON), said(env.SCHEDULE_TIMEZONE)];
  const from = (variable: string, value: string | undefined, key: string): string => (value === undefined ? wording.paramAt(file.place(['schedule', key]), `schedule.${key}`) : variable);
  const places = { cron: from('SCHEDULE_CRON', cron, 'cron'), timezone: from('SCHEDULE_TIMEZONE', timezone, 'timezone') };
  return { ...schedule, cron: cron ?? schedule.cron, timezone: timezone ?? schedule.timezone, set: [...schedule.set, ...words], places };
}
