/** Every sentence of the command line. */
export const cliWording = {
  usageHint: () => 'repro --help',
  badOption: (message: string) => `Cannot read the command line: ${message.replace(/\.$/, '')}`,
  unknownOption: (option: string, hint: string | undefined) => `Cannot use option "${option}" as there is none of that name${hint === undefined ? '' : `: did you mean "${hint}"?`}`,
  badJobs: (text: string) => `Cannot run "${text}" stages at a time as --jobs must be a whole number above 0`,
  singleNeedsStage: () => 'Cannot use --single without a stage as it means "this one and nothing else"',
  noWorkspace: (workspace: string) => `There is no workspace ${workspace}`,
  workspaceHint: () => 'look at --workspace or REPRO_WORKSPACE; a run makes one, unless it is dry',
  orCommand: (command: string) => `did you mean the command "${command}"?`,

  fresh: (count: number) => (count === 1 ? '1 stage is fresh' : `${count} stages are fresh`),
  nothingToDo: (parts: string) => `Nothing to do: ${parts}`,
  heldCount: (count: number) => `${count} held`,
  saved: (time: string) => `${time} saved`,
  started: (reason: string | undefined) => (reason === undefined ? 'started' : `started: ${reason}`),
  moreReasons: (count: number) => `(+${count} more)`,
  inTime: (time: string) => `in ${time}`,
  stagesCount: (count: number) => (count === 1 ? '1 stage' : `${count} stages`),
  interrupted: () => 'interrupted: what was finished is kept, what was under way is as it was before',
  aborting: () => 'stopping: what runs is asked to end (Ctrl-C again to end at once)',
  log: (file: string) => `log: ${file}`,
  hint: (text: string) => `hint: ${text}`,
  warning: (text: string) => `warning: ${text}`,
  lastLines: (count: number) => `last ${count === 1 ? 'line' : `${count} lines`} of its output:`,
  dryRun: () => 'This is what a run would do; nothing was changed',
  noSuchLog: (stage: string) => `Cannot show the output of "${stage}" as it never ran here`,
  logGone: (stage: string, file: string) => `Cannot show the output of "${stage}" as ${file} is no longer there`,
  logsNeedStage: () => 'Cannot show output without a stage: name one',
  emptyLog: (stage: string) => `"${stage}" printed nothing`,
  badKeep: (text: string) => `Cannot keep "${text}" as --keep is a size such as 500MB or 2GB`,
  gcWords: () => 'Cannot use words after gc as it clears the whole cache: what is left is said by --keep',
  pruned: (results: string, bytes: string, left: string) => `${results} and ${bytes} went; ${left} of the cache are left`,
  wouldPrune: (results: string, bytes: string, left: string) => `${results} and ${bytes} would go; ${left} of the cache would be left`,
  earlierResults: (count: number) => (count === 1 ? '1 earlier result' : `${count} earlier results`),
  busyHere: (who: string) => `Cannot clear the cache while ${who} works in this workspace: wait until it has ended, or leave out --no-wait`,
  waiting: (who: string) => `Waiting for ${who} to end`,
  process: (pid: number | undefined) => (pid === undefined ? 'another repro' : `process ${pid}`),
  underWay: (pid: number | undefined, since: string | undefined) => `A run is under way (${pid === undefined ? 'another repro' : `process ${pid}`}${since === undefined ? '' : `, since ${since}`}): this is how things stand at this moment`,
  isRunning: () => 'it is running now',
  lastRan: (when: string, seconds: string) => `last ran ${when}, took ${seconds}`,
  bug: (text: string) => `This is a bug of repro itself, please report it with these lines:\n${text}`,
} as const;

export const STATE_WORDS = {
  fresh: 'fresh',
  held: 'held',
  restored: 'restored',
  ran: 'ran',
  failed: 'failed',
  blocked: 'blocked',
  interrupted: 'interrupted',
  pending: 'pending',
  running: 'running',
  run: 'to run',
  restore: 'to restore',
  'may-run': 'may run',
} as const;

export const HELP = `repro: brings a pipeline up to date, and runs only what changed

  repro [stage…]           run what is not fresh: everything, or the named stages and what they need
  repro status             what is fresh, held or to run
  repro why [stage]        why a stage would run, or what its result is made from
  repro dag                the graph (--mermaid, --dot)
  repro logs <stage>       what a stage printed when it last ran
  repro gc                 clears earlier results out of the cache, the oldest first (--keep 2GB leaves so much; --dry-run)

Run
  -f, --force              run even what is fresh
  -n, --dry-run            only tell what would run
  -j, --jobs <n>           stages at a time (default: the number of processors)
  -k, --keep-going         after a failure, go on with what does not depend on it
  -s, --single             the named stages alone, without what they need
      --set <key=value>    another value of a parameter for this run alone; may be repeated
      --no-wait            an error instead of waiting, where another repro works in this workspace
  -v, --verbose            every reason of every stage

Where
  -C <folder>              the folder of pipeline.yaml
      --file <yaml>        another name of it
      --workspace <folder> where everything is written (or REPRO_WORKSPACE; default: the folder of pipeline.yaml)

Output
      --json               one JSON object a line on stdout, for programs
  -h, --help

A first word that names a command is the command: a stage of that name is reached by "repro run <stage>".
Exit code: 0 done, 1 a stage failed, 2 wrong usage or invalid pipeline, 130 interrupted.
`;
