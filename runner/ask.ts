import { pathToFileURL } from 'node:url';
import type { Receipt } from './model.ts';
import type { Answer } from './plan.ts';
import type { Question } from './surroundings.ts';
import { wording } from './wording.ts';

const ANSWER_MS_MAX = 5000;

function isReceipt(value: unknown): value is Receipt {
  if (typeof value !== 'object' || value === null || !('target' in value) || !('rows' in value) || !('checksum' in value)) return false;
  return typeof value.target === 'string' && typeof value.rows === 'number' && typeof value.checksum === 'string';
}

async function answerOf(file: string, question: Question): Promise<Answer> {
  const module: unknown = await import(pathToFileURL(file).href);
  if (typeof module !== 'object' || module === null || !('check' in module) || typeof module.check !== 'function') return { kind: 'failed', why: wording.noCheck(file) };
  const answer: unknown = await module.check(question);
  if (answer === null || isReceipt(answer)) return { kind: 'receipt', receipt: answer };
  return { kind: 'failed', why: wording.noReceipt(file) };
}

/**
 * Asks the program that a stage names for its target what is in it. It is loaded into this process, since a process more
 * would double the time of a run with nothing to do; whatever it throws, and a silence of five seconds, is an answer too.
 */
export async function ask(file: string, question: Question): Promise<Answer> {
  const silence = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => silence.resolve({ kind: 'failed', why: wording.noAnswer(ANSWER_MS_MAX) }), ANSWER_MS_MAX);
  const answer = answerOf(file, question).catch((error: unknown): Answer => ({ kind: 'failed', why: error instanceof Error ? error.message : String(error) }));
  return Promise.race([answer, silence.promise]).finally(() => clearTimeout(timer));
}
