import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ScheduleParams } from '../../schema/params.ts';
import { UsageError } from '../settings.ts';
import { wording } from '../wording.ts';

/** Compose hands on what .env does not say as an empty text. */
const said = (text: string | undefined): string | undefined => (text?.trim() === '' ? undefined : text);

/** `schedule` of params.yaml; SCHEDULE_CRON, SCHEDULE_TIMEZONE and SCHEDULE_SET (words apart by spaces) of the environment win. */
export function readScheduleParams(code: string, env: NodeJS.ProcessEnv = process.env): ScheduleParams {
  let value: unknown;
  try {
    value = parse(readFileSync(path.join(code, 'params.yaml'), 'utf8'));
  } catch (error) {
    throw new UsageError(wording.badSchedule(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)));
  }
  const parsed = z.object({ schedule: ScheduleParams }).safeParse(value);
  if (!parsed.success) throw new UsageError(wording.badSchedule(parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; ')));
  const { schedule } = parsed.data;
  const words = (env.SCHEDULE_SET ?? '').split(/\s+/).filter((word) => word !== '');
  return { ...schedule, cron: said(env.SCHEDULE_CRON) ?? schedule.cron, timezone: said(env.SCHEDULE_TIMEZONE) ?? schedule.timezone, set: [...schedule.set, ...words] };
}
