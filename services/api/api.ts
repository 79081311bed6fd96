import type { Followed } from '../release/follow.ts';
import type { Runs } from '../state/runs.ts';
import type { ServerMetrics } from '../server-metrics.ts';
import type { EventHub } from './hub.ts';

/** What the endpoints share. */
export interface Api {
  readonly workspace: string;
  readonly releases: Followed;
  readonly runs: Runs;
  readonly hub: EventHub;
  readonly metrics: ServerMetrics;
  /** Without one the endpoints that change something are switched off. */
  readonly token: string | undefined;
  /** True as soon as the server finishes: new requests go to another process. */
  readonly isStopping: () => boolean;
}
