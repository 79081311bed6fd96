/**
 * Runs where the server of this project serves the report: says how old the data is and that a new report is there, and puts
 * new reviews at the top of the list of the newest. It never reloads under the reader's hands.
 */

interface Served {
  readonly release: string;
  readonly run: string;
  readonly newest: string | null;
  readonly model: string | null;
  readonly predictedBy: string | null;
}

interface NewReview {
  readonly id: string;
  readonly at: string;
  readonly rating: number;
  readonly label: string;
  readonly text: string;
}

const NEW_MAX = 20;
const AGE_EVERY_MS = 60_000;
const UNITS = [['day', 86_400], ['hour', 3600], ['minute', 60]] as const;

const bar = document.getElementById('live');
const words = bar?.dataset ?? {};
const locale = document.documentElement.lang === 'id' ? 'id-ID' : 'en-GB';
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
const shown = new Set<string>();

let newest = words.until ?? '';
let ready = false;
let lost = false;
let news = 0;
let otherModel: string | undefined;

function ageOf(at: string): string {
  const seconds = (Date.parse(at) - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['minute', 60];
  return relative.format(Math.round(seconds / size), unit);
}

function piece(text: string, kind = 'span'): HTMLElement {
  const element = document.createElement(kind);
  element.textContent = text;
  return element;
}

function draw(): void {
  if (bar === null) return;
  const parts = [newest === '' ? undefined : piece((words.age ?? '').replace('{age}', ageOf(newest)))];
  if (otherModel !== undefined) parts.push(piece(otherModel));
  if (news > 0) parts.push(piece((words.news ?? '').replace('{count}', new Intl.NumberFormat(locale).format(news))));
  if (ready) {
    const link = piece(words.load ?? '', 'a') as HTMLAnchorElement;
    link.href = location.href;
    link.addEventListener('click', (event) => {
      event.preventDefault();
      location.reload();
    });
    parts.push(piece(words.ready ?? '', 'b'), link);
  }
  if (lost) parts.push(piece(words.lost ?? ''));
  const api = piece(words.api ?? '', 'a') as HTMLAnchorElement;
  api.href = `${words.root ?? ''}api/`;
  parts.push(api);
  const wanted = parts.filter((part) => part !== undefined);
  bar.classList.toggle('fresh', ready);
  // A status that says the same again would be read aloud again.
  if (wanted.map(({ textContent }) => textContent).join('|') !== bar.dataset.said) bar.replaceChildren(...wanted);
  bar.dataset.said = wanted.map(({ textContent }) => textContent).join('|');
  bar.hidden = wanted.length === 0;
}

function card({ at, rating, label, text }: NewReview): HTMLElement {
  const item = piece('', 'li');
  item.className = 'arrived';
  const about = piece('', 'p');
  about.className = 'about';
  const badge = piece(words[label] ?? label);
  badge.className = `badge ${label}`;
  const time = piece(dates.format(new Date(at)), 'time');
  time.setAttribute('datetime', at);
  about.append(badge, piece('★'.repeat(rating)), time, piece(words.new ?? '', 'b'));
  const said = piece('', 'p');
  said.className = 'text';
  said.dir = 'auto';
  said.append(piece(text, 'bdi'));
  item.append(about, said);
  return item;
}

async function fetchNews(since: string): Promise<void> {
  const answer = await fetch(`${words.root ?? ''}api/reviews?since=${encodeURIComponent(since)}&limit=${NEW_MAX}`);
  if (!answer.ok) return;
  const { reviews } = (await answer.json()) as { readonly reviews: readonly NewReview[] };
  const fresh = reviews.filter(({ id, at }) => at > since && !shown.has(id));
  for (const { id } of fresh) shown.add(id);
  news += fresh.length;
  document.querySelector('ul.reviews')?.prepend(...fresh.map(card));
}

async function onServed(served: Served): Promise<void> {
  lost = false;
  ready = served.run !== words.run;
  const report = words.model ?? '';
  otherModel = !ready && report !== '' && served.model !== null && served.model !== report ? (words.otherModel ?? '').replace('{model}', served.model).replace('{report}', report) : undefined;
  if (served.newest !== null && served.newest > newest) {
    const since = newest;
    newest = served.newest;
    await fetchNews(since).catch(() => undefined);
  }
  draw();
}

const source = new EventSource(`${words.root ?? ''}api/events`);
source.addEventListener('release', (event) => void onServed(JSON.parse((event as MessageEvent<string>).data) as Served));
source.addEventListener('open', () => {
  lost = false;
  draw();
});
source.addEventListener('error', () => {
  lost = true;
  draw();
});
setInterval(draw, AGE_EVERY_MS);
