/** The page that lets a person try each call: its forms are made from openapi.json. Runs in the browser as it is, types stripped. */

interface Schema {
  readonly enum?: readonly string[];
  readonly default?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const WORDS = {
  en: { send: 'Send', needs: 'needs the token', waiting: 'Waiting…', failed: 'No answer: is the server running?', cut: '… (cut here)' },
  id: { send: 'Kirim', needs: 'perlu token', waiting: 'Menunggu…', failed: 'Tidak ada jawaban: apakah server berjalan?', cut: '… (dipotong di sini)' },
} as const;
/** What each call does, where the page speaks Indonesian; the document itself is in English. */
const SUMMARIES: Readonly<Record<string, string>> = {
  'POST /api/predict': 'Memberi label untuk satu teks, atau hingga 1.000 teks',
  'GET /api/reviews': 'Ulasan beserta label dari model, yang terbaru lebih dulu; per halaman atau sebagai unduhan',
  'GET /api/summary': 'Apa yang disajikan, seberapa baru datanya, dan berapa ulasan untuk setiap label',
  'GET /api/models': 'Versi model, skornya, dan catatan siapa yang menyajikan kapan',
  'POST /api/models/rollback': 'Menyajikan model juara sebelum yang sekarang; sekali lagi membatalkannya',
  'POST /api/models/{version}/promote': 'Menjadikan versi yang terdaftar sebagai model juara',
  'GET /api/runs': 'Proses pipeline, yang terbaru lebih dulu',
  'GET /api/runs/{id}': 'Apa yang dilakukan satu proses, dan mengapa',
  'POST /api/runs': 'Meminta penjadwal memulai proses sekarang',
  'GET /livez': 'Server menjawab',
  'GET /healthz': 'Ada rilis yang disajikan, dan memang rilis yang seharusnya',
  'GET /readyz': 'Permintaan baru boleh dikirim ke sini',
  'GET /metrics': 'Untuk Prometheus',
  'GET /api/openapi.json': 'Dokumen ini',
};
const SHOWN_MAX = 20_000;

let locale: keyof typeof WORDS = navigator.language.startsWith('id') ? 'id' : 'en';
/** The document says `/api/...`; the page may lie behind a proxy's sub-path. */
const root = new URL('..', location.href);

function element<K extends keyof HTMLElementTagNameMap>(name: K, text = '', attributes: Readonly<Record<string, string>> = {}): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function speak(): void {
  document.documentElement.lang = locale;
  for (const spoken of document.querySelectorAll<HTMLElement>('[data-en]')) spoken.textContent = spoken.dataset[locale] ?? '';
  for (const button of document.querySelectorAll('form button')) button.textContent = WORDS[locale].send;
  for (const note of document.querySelectorAll('summary i')) note.textContent = ` · ${WORDS[locale].needs}`;
  const toggle = document.getElementById('language');
  if (toggle !== null) [toggle.textContent, toggle.lang] = locale === 'en' ? ['Bahasa Indonesia', 'id'] : ['English', 'en'];
}

function fieldOf({ name, required, description, schema }: Parameter): HTMLLabelElement {
  const label = element('label', `${name}${required === true ? ' *' : ''}`);
  const control = schema.enum === undefined ? element('input', '', { name, autocomplete: 'off' }) : element('select', '', { name });
  if (control instanceof HTMLSelectElement) for (const value of ['', ...(schema.enum ?? [])]) control.append(element('option', value, { value }));
  else if (schema.default !== undefined) control.placeholder = String(schema.default);
  if (required === true) control.required = true;
  label.append(control);
  if (description !== undefined) label.append(element('small', description));
  return label;
}

function urlOf(path: string, parameters: readonly Parameter[], data: FormData): URL {
  const value = (name: string): string => String(data.get(name) ?? '');
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(value(name)));
  const url = new URL(filled.slice(1), root);
  for (const { name, in: place } of parameters) if (place === 'query' && value(name) !== '') url.searchParams.set(name, value(name));
  return url;
}

function pretty(text: string): string {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // CSV, metrics and the like are shown as they are.
  }
  return shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}\n${WORDS[locale].cut}` : shown;
}

async function send(form: HTMLFormElement, call: { readonly method: string; readonly path: string; readonly operation: Operation }): Promise<void> {
  const data = new FormData(form);
  const output = form.querySelector('output') ?? form.appendChild(element('output'));
  output.replaceChildren(element('p', WORDS[locale].waiting));
  const token = (document.getElementById('token') as HTMLInputElement | null)?.value ?? '';
  const headers: Record<string, string> = token === '' || call.operation.security === undefined ? {} : { Authorization: `Bearer ${token}` };
  const body = data.get('body');
  const start = performance.now();
  try {
    const answer = await fetch(urlOf(call.path, call.operation.parameters ?? [], data), {
      method: call.method, headers: body === null ? headers : { ...headers, 'Content-Type': 'application/json' }, ...(body === null ? {} : { body: String(body) }),
    });
    const text = await answer.text();
    const line = element('p', `${answer.status} ${answer.statusText} · ${Math.round(performance.now() - start)} ms · ${answer.url}`);
    if (!answer.ok) line.className = 'bad';
    output.replaceChildren(line, element('pre', pretty(text), { tabindex: '0' }));
  } catch {
    output.replaceChildren(element('p', WORDS[locale].failed, { class: 'bad' }));
  }
}

function callOf(method: string, path: string, operation: Operation): HTMLDetailsElement {
  const details = element('details');
  const summary = element('summary');
  summary.append(element('b', method), element('code', path), element('span', '', { 'data-en': ` — ${operation.summary}`, 'data-id': ` — ${SUMMARIES[`${method} ${path}`] ?? operation.summary}` }));
  if (operation.security !== undefined) summary.append(element('i', ''));
  const form = element('form');
  for (const parameter of operation.parameters ?? []) form.append(fieldOf(parameter));
  const example = operation.requestBody?.content['application/json']?.example;
  if (operation.requestBody !== undefined) {
    const label = element('label', 'JSON');
    label.append(element('textarea', JSON.stringify(example ?? {}, null, 2), { name: 'body', spellcheck: 'false' }));
    form.append(label);
  }
  form.append(element('button', WORDS[locale].send), element('output', '', { 'aria-live': 'polite' }));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(form, { method, path, operation });
  });
  details.append(summary, form);
  return details;
}

const answer = await fetch(new URL('api/openapi.json', root));
const { paths } = (await answer.json()) as Document;
// A stream of events has no end that could be shown.
const calls = Object.entries(paths).flatMap(([path, operations]) => (path === '/api/events' ? [] : Object.entries(operations).map(([method, operation]) => callOf(method.toUpperCase(), path, operation))));
document.getElementById('calls')?.replaceChildren(...calls);
document.querySelector('form.token')?.addEventListener('submit', (event) => event.preventDefault());
document.getElementById('language')?.addEventListener('click', () => {
  locale = locale === 'en' ? 'id' : 'en';
  speak();
});
speak();
