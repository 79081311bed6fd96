import type { ModelArtefact } from '../../ml/model.ts';
import type { Predictor } from '../../ml/predict.ts';

/** What the scripts of the page share: each is a classic script, so they meet on one global name. */
export interface Bridge {
  /** Set by assets/predict.js. */
  create?: (artefact: ModelArtefact) => Predictor;
  /** Called by assets/model.js with the model and its version. */
  model?: (artefact: ModelArtefact, version?: string) => void;
  /** There as soon as both are loaded. */
  predictor?: Predictor;
}

declare global {
  var ulasan: Bridge | undefined;
}

export function bridge(): Bridge {
  globalThis.ulasan ??= {};
  return globalThis.ulasan;
}
