/**
 * Runs where the server of this project serves the report: says how old the data is and that a new report is there, and puts
 * new reviews at the top of the list of the newest. It never reloads under the reader's hands.
 */

interface Served {
  readonly release: string;
  readonly run: string;
  readonly dataset: string;
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
/** A browser gives up for good after one answer that is no stream of events: then we ask again, with growing pauses. */
const AGAIN_MS = 2000;
const AGAIN_MAX_MS = 30_000;
/** A line that is back so soon was not lost: the server ends each now and then, and a restart takes a moment. */
const LOST_AFTER_MS = 5000;
const UNITS = [['day', 86_400], ['hour', 3600], ['minute', 60]] as const;

const bar = document.getElementById('live');
const words = bar?.dataset ?? {};
const locale = document.documentElement.lang === 'id' ? 'id-ID' : 'en-GB';
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
const shown = new Set<string>();

let newest = words.until ?? '';
/** Reviews up to here are on the page; where they could not be fetched, they come with the next message. */
let fetched = newest;
let ready = false;
let lost = false;
let news = 0;
/** There are more new reviews than were fetched. */
let more = false;
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
  if (news > 0) parts.push(piece((words.news ?? '').replace('{count}', `${new Intl.NumberFormat(locale).format(news)}${more ? '+' : ''}`)));
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

/** Puts what is newer on top; false where the server did not say. */
async function fetchNews(since: string): Promise<boolean> {
  // One more than is shown tells whether there are more. What serves may be of another app by the time it is asked.
  const app = (words.dataset ?? '').replace(/^.*:/, '');
  const answer = await fetch(`${words.root ?? ''}api/reviews?app=${encodeURIComponent(app)}&limit=${NEW_MAX + 1}${since === '' ? '' : `&since=${encodeURIComponent(since)}`}`);
  if (!answer.ok) return false;
  const { reviews } = (await answer.json()) as { readonly reviews: readonly NewReview[] };
  const fresh = reviews.filter(({ id, at }) => at > since && !shown.has(id));
  more ||= fresh.length > NEW_MAX;
  const cards = fresh.slice(0, NEW_MAX);
  for (const { id } of cards) shown.add(id);
  news += cards.length;
  document.querySelector('ul.reviews')?.prepend(...cards.map(card));
  return true;
}

async function onServed(served: Served): Promise<void> {
  ready = served.run !== words.run;
  const report = words.model ?? '';
  otherModel = !ready && report !== '' && served.model !== null && served.model !== report ? (words.otherModel ?? '').replace('{model}', served.model).replace('{report}', report) : undefined;
  // Reviews of another dataset are no news of this page: they come with the report that is ready.
  const until = served.dataset === words.dataset ? (served.newest ?? '') : '';
  if (until > newest) newest = until;
  if (until > fetched && (await fetchNews(fetched).catch(() => false))) fetched = until;
  draw();
}

let pause = AGAIN_MS;
let losing: ReturnType<typeof setTimeout> | undefined;

function onLine(isLost: boolean): void {
  clearTimeout(losing);
  losing = undefined;
  lost = isLost;
  draw();
}

function listen(): void {
  const source = new EventSource(`${words.root ?? ''}api/events`);
  source.addEventListener('release', (event) => void onServed(JSON.parse((event as MessageEvent<string>).data) as Served));
  source.addEventListener('open', () => {
    pause = AGAIN_MS;
    onLine(false);
  });
  source.addEventListener('error', () => {
    if (!lost) losing ??= setTimeout(onLine, LOST_AFTER_MS, true);
    if (source.readyState !== EventSource.CLOSED) return;
    // Not all pages at once: the server had too many of them, or was just starting.
    setTimeout(listen, pause * (0.5 + Math.random()));
    pause = Math.min(AGAIN_MAX_MS, pause * 2);
  });
}

listen();
setInterval(draw, AGE_EVERY_MS);
