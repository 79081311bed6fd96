import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import pino from 'pino';
import type { Logger } from 'pino';
import type { PrettyOptions, PrettyStream } from 'pino-pretty';
import { openLogFile } from './log-files.ts';
import { UsageError } from './settings.ts';
import { wording } from './wording.ts';

export type { Logger } from 'pino';

/** Never in a line, whatever somebody hands to the log: secrets, and what names a person. */
const SECRETS = ['token', 'authorization', 'cookie', 'password', 'secret', 'url', 'uri', 'userName', 'author', 'text', 'raw'];
const REDACT = SECRETS.flatMap((name) => [name, `*.${name}`, `req.headers.${name}`]);

/** Loaded where somebody looks: a service under a supervisor never needs it. */
function prettyStream(): PrettyStream {
  const pretty = createRequire(import.meta.url)('pino-pretty') as (options: PrettyOptions) => PrettyStream;
  return pretty({ colorize: process.env.NO_COLOR === undefined, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname,service,run,release', messageFormat: '{service}  {msg}', sync: true });
}

export interface LogOptions {
  readonly service: string;
  /** Where a file of the lines is kept beside the output; null keeps none. */
  readonly folder: string | null;
  readonly level?: string | undefined;
  readonly isTerminal?: boolean;
}

/** As LOG_LEVEL says it; empty, as compose hands on what .env does not say, is the usual one. */
function levelOf(text: string | undefined): string {
  const level = text?.trim().toLowerCase() || 'info';
  if (level !== 'silent' && !Object.hasOwn(pino.levels.values, level)) throw new UsageError(wording.badLevel(level, Object.keys(pino.levels.values)));
  return level;
}

/**
 * One structured line an event, with the service and, where there is one, the run. On a terminal it is made readable; anywhere
 * else it is JSON, which is what collectors take. The same lines go to a file of the service, which is rotated by size.
 */
export function openLog({ service, folder, level: typed = process.env.LOG_LEVEL, isTerminal = process.stdout.isTTY }: LogOptions): Logger {
  const level = levelOf(typed);
  const streams: { level: string; stream: NodeJS.WritableStream | pino.DestinationStream }[] = [];
  if (isTerminal) streams.push({ level, stream: prettyStream() });
  else streams.push({ level, stream: pino.destination({ fd: 1, sync: true }) });
  if (folder !== null) {
    // A workspace that cannot be written at all is told at the start; what goes wrong later costs lines of the file alone.
    mkdirSync(folder, { recursive: true });
    streams.push({ level, stream: openLogFile(path.join(folder, `${service}.jsonl`)) });
  }
  const options: pino.LoggerOptions = {
    base: { service }, level, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACT, censor: '[hidden]' }, serializers: { err: pino.stdSerializers.err },
  };
  return pino(options, pino.multistream(streams as pino.StreamEntry[]));
}
