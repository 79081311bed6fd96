import { createHash } from 'node:crypto';
import { isRunId } from '../state/runs.ts';
import type { HookEvent } from './event.ts';

/**
 * What the team gets: who, what, the numbers, the link to the run, and the next step. `text` is what Slack and its like show, in
 * Slack's format; all else is as it is.
 */
export interface Message {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly stage: string | null;
  readonly severity: 'info' | 'warning' | 'error';
  readonly title: string;
  readonly text: string;
  readonly facts: HookEvent['facts'];
  readonly who: Who;
  readonly run: { readonly id: string; readonly url: string | null };
  readonly next: string;
}

/** Which app it is about (`play:com.valar.pintu`), on which machine, and what started the run; null where that is not known. */
export interface Who {
  readonly dataset: string | null;
  readonly machine: string;
  readonly startedBy: string | null;
}

interface About {
  /** Where reports are found. */
  readonly reportUrl: string | null;
  readonly now: Date;
  readonly who: Who;
  /** Whether a model of this dataset serves; false where that is not known. */
  readonly hasChampion?: boolean;
}

type Told = Pick<Message, 'severity' | 'title' | 'next'> & { readonly lines: readonly string[] };

const score = (value: unknown): string => (typeof value === 'number' ? value.toFixed(3) : 'unknown');
const share = (value: unknown): string => (typeof value === 'number' ? `${(value * 100).toFixed(1)} %` : 'unknown');

function gateRejected({ facts }: HookEvent): Told {
  const { candidate, estimator, macroF1, low, high, champion, championMacroF1, reason } = facts;
  const against = champion === undefined ? 'there is no champion yet' : `champion ${champion} has ${score(championMacroF1)} on the same rows`;
  return {
    severity: 'warning', title: `The gate rejected model ${candidate}`,
    lines: [`${estimator}: macro-F1 ${score(macroF1)} (95% ${score(low)} to ${score(high)}); ${against}`, `Why: ${reason}`, ...(champion === undefined ? [] : ['The champion goes on serving.'])],
    next: `Look at the report's page "Model". To serve it all the same:  pnpm model promote ${candidate} --reason "..."`,
  };
}

function qualityError({ facts }: HookEvent, { hasChampion = false }: About): Told {
  return {
    severity: 'error', title: `The data does not pass the rule ${facts.rule}`,
    lines: [`${facts.rows} rows fail it, ${share(facts.share)} of them all; ${facts.limit === undefined ? 'no review is left to learn from' : `the limit is ${share(facts.limit)}`}`, hasChampion ? 'The run stopped before training; yesterday\'s model goes on serving.' : 'The run stopped before training.'],
    next: 'Look at the report\'s page "Data". Mend the source, or change validate.rules in params.yaml, then run  pnpm repro',
  };
}

function staleData({ facts }: HookEvent): Told {
  const isAhead = facts.rule === 'future';
  const seen = facts.rule === 'volume' ? `${share(facts.value)} of the usual reviews came; at least ${share(facts.limit)} should` : `${facts.value} hours${isAhead ? ' ahead of the clock' : ''}; the limit is ${facts.limit}`;
  const titles: Readonly<Record<string, string>> = { freshness: 'The newest review is too old', collect: 'The source has not answered for too long', volume: 'Far fewer reviews came than usual', future: 'The newest review is dated in the future' };
  return {
    severity: facts.severity === 'error' ? 'error' : 'warning', title: titles[String(facts.rule)] ?? `The data is stale (${facts.rule})`, lines: [seen],
    next: isAhead ? 'Look at the dates of the source (collect.columns.at in params.yaml) and at the clock of the machine' : 'Ask the store by hand:  pnpm data drill   and look at  pnpm repro logs collect',
  };
}

function drifted({ facts }: HookEvent): Told {
  return {
    severity: 'info', title: `The reviews drifted: ${facts.features}`,
    lines: [`${facts.newRows} new reviews differ from what the champion learned from; ${facts.retrain === true ? 'it is trained anew' : 'training again waits'}`],
    next: 'Nothing has to be done; the report\'s page "Data" shows by how much.',
  };
}

function stageFailed({ stage, problem }: HookEvent): Told {
  return {
    severity: 'error', title: `The stage ${stage} failed`, lines: [problem?.message ?? 'It gave no reason.'],
    next: problem?.hint ?? `Look at  pnpm repro logs ${stage}`,
  };
}

function appFailed({ kind, facts }: HookEvent): Told {
  return {
    severity: 'error', title: kind === 'format-changed' ? `The Play Store's format changed for ${facts.app}` : `The reviews of ${facts.app} could not be collected`,
    lines: [String(facts.problem ?? facts.why), ...(facts.further === true ? ['Nothing else stops for it: the other apps of the run were asked.'] : [])],
    next: String(facts.next ?? 'Look at  pnpm repro logs collect'),
  };
}

function runFailed({ facts, problem }: HookEvent): Told {
  return {
    severity: 'error', title: 'The pipeline failed before a stage could say why', lines: [...(facts.tries === undefined ? [] : [`Tried ${facts.tries} times`]), problem?.message ?? 'It gave no reason.'],
    next: problem?.hint ?? 'Look at the end of logs/scheduler.jsonl, and type  pnpm repro  by hand',
  };
}

const tried = (): Told => ({ severity: 'info', title: 'A test: alerts of the pipeline come here', lines: [], next: '' });

const TELLERS: Readonly<Record<string, (event: HookEvent, about: About) => Told>> = { 'gate-rejected': gateRejected, 'quality-error': qualityError, 'stale-data': staleData, drift: drifted, 'format-changed': appFailed, 'collect-failed': appFailed, 'stage-failed': stageFailed, 'run-failed': runFailed, test: tried };

function other({ kind, stage, facts }: HookEvent): Told {
  return { severity: 'info', title: `${kind}${stage === null ? '' : ` (${stage})`}`, lines: Object.entries(facts).map(([name, value]) => `${name}: ${value}`), next: '' };
}

/**
 * What comes from a file of somebody's, as a name of a column does, calls nobody and leads nowhere: Slack takes `<!channel>` for a call
 * of all, and `<http://...|words>` for a link under other words.
 */
const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The same event has the same id, however often it is told: whoever receives it twice can tell. */
export function messageOf(event: HookEvent, told: About): Message {
  const { reportUrl, now, who } = told;
  const { kind, stage, facts, run } = event;
  const { severity, title, lines, next } = (TELLERS[kind] ?? other)(event, told);
  const id = createHash('sha256').update(JSON.stringify([run.id, kind, stage, facts])).digest('hex').slice(0, 16);
  // A run that ended before it had an id has no place in the report.
  const url = reportUrl === null || !isRunId(run.id) ? null : `${reportUrl.replace(/\/$/, '')}/runs.html#run-${run.id}`;
  const about = [...(who.dataset === null ? [] : [who.dataset]), `on ${who.machine}`, ...(who.startedBy === null ? [] : [`started by ${who.startedBy}`])].join(', ');
  const text = `${plain([`[${severity}] ${title}`, about, ...lines, ...(next === '' ? [] : [`Next: ${next}`]), `Run ${run.id}`].join('\n'))}${url === null ? '' : `: ${url}`}`;
  return { id, at: now.toISOString(), kind, stage, severity, title, text, facts, who, run: { id: run.id, url }, next };
}
