import { bridge } from './bridge.ts';
import type { Predictor } from '../../ml/predict.ts';

/** The "try it" box. Loads predictor and model when somebody turns to the box, not before. */

const TERMS_SHOWN = 8;
const WAIT_MS = 60;
const LABELS = ['negative', 'neutral', 'positive'] as const;

const find = (id: string): HTMLElement | null => document.getElementById(id);
const input = find('try-input') as HTMLTextAreaElement | null;
const box = find('try-box');
const result = find('try-result');
const state = find('try-state');
const share = new Intl.NumberFormat(document.documentElement.lang === 'id' ? 'id-ID' : 'en-GB', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });

let loading: Promise<Predictor> | undefined;

function script(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.src = `${box?.dataset.assets ?? ''}${name}${box?.dataset.stamp ?? ''}`;
    element.addEventListener('load', () => resolve());
    element.addEventListener('error', () => reject(new Error(name)));
    document.head.append(element);
  });
}

async function load(): Promise<Predictor> {
  const shared = bridge();
  await script('predict.js');
  shared.model = (artefact, version = '') => {
    if (shared.create !== undefined) shared.predictor = shared.create(artefact);
    // A model that was rolled back by hand serves before the report is made with it.
    const named = find('try-model');
    if (named !== null && version !== '') named.textContent = (box?.dataset.model ?? '').replace('{version}', version);
  };
  await script('model.js');
  if (shared.predictor === undefined) throw new Error('model.js');
  return shared.predictor;
}

function say(text: string | undefined): void {
  if (state !== null) state.textContent = text ?? '';
}

function show(predictor: Predictor, text: string): void {
  const { label, probabilities } = predictor.predict(text);
  for (const name of LABELS) {
    const value = probabilities[name] ?? 0;
    find(`try-${name}`)?.setAttribute('width', String(value * 100));
    const shown = find(`try-${name}-share`);
    if (shown !== null) shown.textContent = share.format(value);
  }
  const badge = find('try-label');
  if (badge !== null) {
    badge.textContent = box?.dataset[label] ?? label;
    badge.className = `badge ${label}`;
  }
  const list = find('try-terms');
  list?.replaceChildren(
    ...predictor.explain(text, TERMS_SHOWN).map(({ term, weight }) => {
      const item = document.createElement('li');
      item.className = weight < 0 ? 'against' : 'for';
      item.textContent = `${weight < 0 ? '−' : '+'} ${term}`;
      return item;
    }),
  );
  if (list !== null && list.childElementCount === 0) list.textContent = box?.dataset.none ?? '';
}

async function update(): Promise<void> {
  const text = input?.value ?? '';
  try {
    if (loading === undefined) say(box?.dataset.loading);
    loading ??= load();
    const predictor = await loading;
    const blank = text.trim() === '';
    if (!blank) show(predictor, text);
    if (result !== null) result.hidden = blank;
    say(blank ? box?.dataset.wait : '');
  } catch {
    loading = undefined;
    say(box?.dataset.failed);
  }
}

let timer = 0;
input?.addEventListener('focus', () => void update());
input?.addEventListener('input', () => {
  clearTimeout(timer);
  timer = window.setTimeout(() => void update(), WAIT_MS);
});
for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-example]')) {
  button.addEventListener('click', () => {
    if (input !== null) input.value = button.dataset.example ?? '';
    void update();
  });
}
