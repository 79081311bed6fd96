import type { Rolled } from './rolled.ts';

export const LOCAL_USAGE = `Usage: pnpm deploy:local --version DIR --current LINK [--url http://127.0.0.1:8501] [--workspace DIR]

Starts the version in DIR beside the running server first, then leads LINK to it and replaces the server's processes one by
one, without a failed request; goes back where it is not well, or where it is stopped (Ctrl-C). The server runs as
  pnpm serve --workers 2 --current LINK`;

export const HOST_USAGE = `Usage: DEPLOY_KEY=... DEPLOY_KNOWN_HOSTS=... pnpm deploy:host --host user@machine --image name:tag [--folder /srv/ulasan]

Brings an image, and the compose file, rules, dashboards and gateway that belong to it, to a machine that runs docker compose,
looks whether it is well there, and goes back where it is not. See docs/operations.md.`;

export const CHECK_USAGE = `Usage: node scripts/deploy/check.ts [--url http://127.0.0.1:8501] [--workspace DIR]

Is this version of the code well? Without --url it is started beside what runs, on a port of its own, and asked what a reader
would ask; with it the server there is asked. Exit code: 0 well, 1 not well (and why), 2 wrong usage.`;

/** Every sentence of a deployment. */
export const wording = {
  badWord: (flag: string, value: string): string => (value === '' ? `${flag} is missing` : `Cannot take "${value}" for ${flag}`),
  noKey: 'DEPLOY_KEY (a private key) and DEPLOY_KNOWN_HOSTS (the line of the machine in known_hosts) must be set',
  noConnection: (host: string): string => `error: the connection to ${host} failed or broke; what was begun there goes on to its end, and .deploy/log beside the compose file says how it went`,
  noEntry: (version: string): string => `${version} holds no services/serve.js`,
  noLink: (current: string): string => `${current} is no link to a version of the code: make one, and start the server with  pnpm serve --workers 2 --current ${current}`,
  busy: (current: string): string => `another deployment of ${current} is under way: wait until it has ended`,
  noLock: (current: string, why: string): string => `cannot write beside ${current} (${why}): deploy as the user who owns it`,
  noServer: (workspace: string, current: string): string => `no server that can be replaced runs in ${workspace}: start it with  pnpm serve --workers 2 --current ${current}`,
  otherLink: (follows: string | null, current: string): string => `the server follows ${follows ?? 'no link'}, not ${current}: give --current as the server has it`,
  silent: (url: string, why: string): string => `nothing answers at ${url} (${why}): is --url that of the server?`,
  otherServer: (url: string, workspace: string): string => `what answers at ${url} is not the server of ${workspace}: give --url and --workspace of one and the same`,
  gone: 'the server ended meanwhile',
  notAllReady: 'its processes did not all become ready: see the log of the server',
  tooSlow: (seconds: number): string => `its processes were not replaced within ${seconds} s`,
  mixed: (seen: readonly string[]): string => `not all answers come from it (of ${seen.join(', ')})`,
  died: 'a process of it ended by itself: see the log of the server',
  stopped: 'it was stopped',
  empty: 'nothing is released yet, so that it could not be asked for a prediction',
  blind: 'it says that nothing is released, but something is: it looks into another workspace, or cannot read it',
  onlyLimited: 'too many others asked at the same time for one prediction of our own; it made one at the rehearsal',
  noAnswer: 'it did not answer',
  ended: (code: number | null, said: string): string => `it ended with ${code}: ${said}`,
  afterCut: (before: string): string => `the deployment before was cut off, and nobody looked at what it brought; the version to go back to is ${before}`,
  rolling: (before: string, version: string): string => `rolling ${before} -> ${version}`,
  goingBack: (why: string, before: string): string => `not well (${why}): going back to ${before}`,
  notBack: (why: string): string => `and the version before did not come back by itself (${why})`,
  well: 'well',
  notWell: (why: string): string => `error: not well: ${why}`,
} as const;

/** How a deployment ended: a line, and whether it is a failure. */
export function sentence(rolled: Rolled, version: string): { readonly text: string; readonly failed: boolean } {
  switch (rolled.kind) {
    case 'deployed':
      return { text: `deployed ${version}`, failed: false };
    case 'not-started':
      return { text: `error: ${version} is not well, so nothing was changed: ${rolled.why}`, failed: true };
    case 'refused':
      return { text: `error: cannot deploy ${version}, so nothing was changed: ${rolled.why}`, failed: true };
    case 'rolled-back':
      return { text: `error: ${version} was rolled back: ${rolled.why}`, failed: true };
    default: {
      const never: never = rolled;
      return never;
    }
  }
}
