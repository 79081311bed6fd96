import { z } from 'zod';
import { AppId, Source } from './app.ts';

// A section takes no key that it does not know: one that is mistyped would leave another one as it was, without a word.

/** Declares which column of a foreign file holds which field of a review. */
export const ColumnMap = z.strictObject({
  id: z.array(z.string()),
  at: z.array(z.string()),
  rating: z.array(z.string()),
  text: z.array(z.string()),
  app: z.array(z.string()),
  thumbsUp: z.array(z.string()),
  version: z.array(z.string()),
  reply: z.array(z.string()),
  repliedAt: z.array(z.string()),
  author: z.array(z.string()),
});
export type ColumnMap = z.infer<typeof ColumnMap>;

/** Fields of a review by which a page of the store is judged as a whole. */
export const JUDGED = ['rating', 'text', 'version', 'reply', 'repliedAt', 'thumbsUp'] as const;
export type JudgedField = (typeof JUDGED)[number];

const Milliseconds = z.number().int().min(0).max(3_600_000);

/** How the Play Store is asked, and when that stops. */
export const PlayParams = z.strictObject({
  /** Further apps that are brought into the raw store; `collect.app` is the one that goes on through the pipeline. */
  apps: z.array(AppId),
  country: z.string().regex(/^[a-z]{2}$/, 'must be two letters, such as id'),
  languages: z.array(z.string().regex(/^[a-z]{2,3}(-[A-Za-z]{2,4})?$/, 'must be a language such as id or en')).min(1),
  /** So many known reviews in a row end the search for new ones. */
  overlap: z.number().int().min(1).max(100_000),
  pagesMax: z.number().int().min(1),
  secondsMax: z.number().int().min(1),
  pauseMs: Milliseconds,
  timeoutMs: z.number().int().min(100).max(600_000),
  retries: z.number().int().min(0).max(20),
  backOffMs: Milliseconds,
  /** A full pass over all reviews: `auto` first and then every `sweepDays`, `now` in this run, `never`. */
  backfill: z.enum(['auto', 'now', 'never']),
  sweepDays: z.number().positive(),
  /** Full passes in a row that have to miss a review before it counts as deleted. */
  goneAfter: z.number().int().min(1),
  answers: z.enum(['redacted', 'whole']),
  /** What a page shows of these is taken as it is, however odd: somebody has compared it with the store. */
  believe: z.array(z.enum(JUDGED)),
});
export type PlayParams = z.infer<typeof PlayParams>;

const Age = z.union([z.literal('never'), z.string().regex(/^\d+(\.\d+)?(s|m|h|d)$/, 'must be never, or a duration such as 6h')]);

export const CollectParams = z.strictObject({
  source: Source,
  app: AppId,
  fresh: z.strictObject({ sample: Age, file: Age, play: Age }),
  play: PlayParams,
  path: z.string(),
  encoding: z.enum(['utf-8', 'auto', 'windows-1252', 'utf-16le']),
  columns: ColumnMap,
  sample: z.strictObject({ seed: z.number().int(), reviews: z.number().int().min(0).max(1_000_000) }),
});

export const MASKED = ['email', 'phone', 'wallet', 'card'] as const;

/** What happens to personal data at the door. */
export const PrivacyParams = z.strictObject({
  /** User names and pictures: dropped, or the name kept as a hash keyed by the environment's PRIVACY_KEY. */
  users: z.enum(['drop', 'hash']),
  mask: z.array(z.enum(MASKED)),
  /** Reviews older than so many days are dropped from the stores and everything after them; null keeps all. */
  retentionDays: z.number().int().min(1).nullable(),
});
export type PrivacyParams = z.infer<typeof PrivacyParams>;

const Limit = z.strictObject({ severity: z.enum(['error', 'warning']), limit: z.number().min(0).max(1) });
const Share = z.number().min(0).max(1);
export const ValidateParams = z.strictObject({
  rowsMin: z.number().int(),
  /** Least and largest share of the reviews that a language may have; one that is not named may have any. */
  languages: z.partialRecord(z.enum(['id', 'en', 'mixed', 'other']), z.tuple([Share, Share])),
  rules: z.record(z.string(), Limit),
});

const HourLimit = z.strictObject({ severity: z.enum(['error', 'warning']), hours: z.number().positive() });

/** What is judged by the clock, from the records of the runs. */
export const WatchParams = z.strictObject({
  /** Whether a run in which nothing else runs is judged too. */
  everyRun: z.strictObject({ sample: z.boolean(), file: z.boolean(), play: z.boolean() }),
  /** Sources that are expected to bring something new by themselves. */
  sources: z.array(Source),
  /** Age of the newest review. */
  freshness: HourLimit,
  /** Time since the source last answered. */
  collect: HourLimit,
  /** Reviews of yesterday as a share of the same weekday's median. */
  volume: z.strictObject({ severity: z.enum(['error', 'warning']), shareMin: Share }),
  /** How far the newest review may lie ahead of the clock: of any source. */
  future: HourLimit,
});
export type WatchParams = z.infer<typeof WatchParams>;

/** How text becomes tokens. Part of the model's artefact, so that prediction does the same. */
export const TextParams = z.strictObject({
  stopwords: z.enum(['none', 'keep-negation', 'all']),
  stem: z.enum(['none', 'indonesian']),
  slang: z.boolean(),
  punctuation: z.boolean(),
});
export type TextParams = z.infer<typeof TextParams>;

export const CleanParams = z.strictObject({
  text: TextParams,
  charactersMax: z.number().int().min(1),
  labels: z.strictObject({ threeStars: z.enum(['neutral', 'negative', 'positive', 'drop']) }),
});

export const SplitParams = z.strictObject({ seed: z.number().int(), testShare: z.number().gt(0).lt(1) });

const Range = z.tuple([z.number().int().min(1), z.number().int().min(1)]);

/** TF-IDF. `characters: null` leaves character n-grams out. */
export const FeatureParams = z.strictObject({
  words: Range,
  characters: Range.nullable(),
  minDocuments: z.number().int().min(1),
  featuresMax: z.number().int().min(1).nullable(),
  sublinear: z.boolean(),
});
export type FeatureParams = z.infer<typeof FeatureParams>;

const Implementation = z.enum(['sparse', 'mljs']);
export const NaiveBayesParams = z.strictObject({ implementation: z.literal('sparse'), features: FeatureParams, alpha: z.number().positive(), prior: z.enum(['fitted', 'uniform']) });
export const LogisticRegressionParams = z.strictObject({
  implementation: Implementation,
  features: FeatureParams,
  C: z.number().positive(),
  classWeight: z.enum(['none', 'balanced']),
  tolerance: z.number().positive(),
  iterationsMax: z.number().int().min(1),
});
export const RandomForestParams = z.strictObject({
  implementation: Implementation,
  features: FeatureParams,
  trees: z.number().int().min(1),
  samplesLeafMin: z.number().int().min(1),
  depthMax: z.number().int().min(1).nullable(),
  classWeight: z.enum(['none', 'balanced']),
});
export type NaiveBayesParams = z.infer<typeof NaiveBayesParams>;
export type LogisticRegressionParams = z.infer<typeof LogisticRegressionParams>;
export type RandomForestParams = z.infer<typeof RandomForestParams>;
export const EstimatorParams = z.union([NaiveBayesParams, LogisticRegressionParams, RandomForestParams]);

/** Beside these stand the estimators, each of which is parsed by itself. */
export const TrainParams = z.object({ folds: z.number().int().min(2), seed: z.number().int() });
export type TrainParams = z.infer<typeof TrainParams>;
export const SelectParams = z.strictObject({ rule: z.enum(['one-standard-error', 'best']) });
export type SelectParams = z.infer<typeof SelectParams>;

export const DriftParams = z.strictObject({
  rowsMin: z.number().int(),
  psiMax: z.number(),
  cramersVMax: z.number(),
  wassersteinMax: z.number(),
  unknownShareMax: z.number(),
  macroF1DropMax: z.number(),
  significance: z.number(),
  backOff: z.strictObject({ rows: z.number().int(), days: z.number() }),
});
export type DriftParams = z.infer<typeof DriftParams>;

export const GateParams = z.strictObject({ macroF1Min: z.number(), margin: z.number().min(0) });
export type GateParams = z.infer<typeof GateParams>;

/** What the scheduler reads of params.yaml; no stage does. */
export const ScheduleParams = z.strictObject({
  cron: z.string(),
  timezone: z.string(),
  jitterSeconds: z.number().int().min(0).max(3600),
  retries: z.number().int().min(0).max(10),
  retrySeconds: z.number().int().min(1),
  set: z.array(z.string().regex(/^[^=]+=/, 'must be key=value')),
  /** As `repro gc --keep`. */
  cache: z.string().regex(/^\d+(\.\d+)?\s*[kmgt]?b?$/i, 'must be a size such as 2GB'),
});
export type ScheduleParams = z.infer<typeof ScheduleParams>;
