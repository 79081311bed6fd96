import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import { Label } from '../../schema/app.ts';
import { RequestProblem, sendJson } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { Route } from '../http/route.ts';
import type { ServedModel } from '../release/load.ts';
import { wording } from '../wording.ts';
import type { Api } from './api.ts';

const TEXTS_MAX = 1000;
const CHARACTERS_MAX = 10_000;
const TERMS = 8;
/** After so many characters, about three milliseconds, other requests get their turn. A text counts for a few more than it has. */
const AT_ONCE = 20_000;
const PER_TEXT = 20;

const Text = z.string().max(CHARACTERS_MAX).describe('What a person wrote, as it is');
const Body = z.union([
  z.strictObject({ text: Text, terms: z.boolean().default(true).describe('false leaves out the terms that decided') }),
  z.strictObject({ texts: z.array(Text).min(1).max(TEXTS_MAX), terms: z.boolean().default(false) }),
]);
const Term = z.strictObject({ term: z.string(), weight: z.number().describe('How much the term speaks for the label (or, below 0, against it)') });
const Prediction = z.strictObject({ label: Label, probabilities: z.record(z.string(), z.number()), terms: z.array(Term).optional() });
const One = z.strictObject({ model: z.string(), release: z.string(), ...Prediction.shape });
const Many = z.strictObject({ model: z.string(), release: z.string(), predictions: z.array(Prediction) });

type Prediction = z.infer<typeof Prediction>;

function predictOne({ predictor }: ServedModel, text: string, terms: boolean): Prediction {
  if (!terms) return predictor.predict(text);
  const { terms: found, label, probabilities } = predictor.explained(text, TERMS);
  return { label, probabilities, terms: [...found] };
}

function count({ metrics }: Api, version: string, made: readonly { readonly text: string; readonly prediction: Prediction }[]): void {
  const labels = new Map<string, number>();
  for (const { text, prediction } of made) {
    const { label, probabilities } = prediction;
    labels.set(label, (labels.get(label) ?? 0) + 1);
    metrics.confidence.observe(probabilities[label] ?? 0);
    metrics.characters.observe(text.length);
  }
  for (const [label, times] of labels) metrics.predictions.inc({ label, version }, times);
}

export function predictRoutes(api: Api): readonly Route[] {
  return [
    route({
      method: 'POST', path: '/api/predict', tag: 'predictions', summary: 'Labels one text, or up to 1,000',
      body: Body, answer: z.union([One, Many]), example: { text: 'Verifikasi gagal terus, CS tidak membalas' },
      async handle({ response, body, release }) {
        if (release === null) throw new RequestProblem({ status: 503, detail: wording.noRelease });
        const { model, id } = release;
        if (model === null) throw new RequestProblem({ status: 503, detail: wording.noModel });
        const one = 'text' in body;
        const made: { text: string; prediction: Prediction }[] = [];
        let spent = 0;
        for (const text of one ? [body.text] : body.texts) {
          made.push({ text, prediction: predictOne(model, text, body.terms) });
          spent += text.length + PER_TEXT;
          if (spent < AT_ONCE) continue;
          spent = 0;
          await breathe();
        }
        count(api, model.version, made);
        const predictions = made.map(({ prediction }) => prediction);
        return sendJson(response, { model: model.version, release: id, ...(one ? predictions[0] : { predictions }) });
      },
    }),
  ];
}
