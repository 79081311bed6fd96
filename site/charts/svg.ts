/** Rewrites what Vega draws, so that it fits into a page: rounder numbers, unique ids, tooltips, one accessible name. */

const GEOMETRY = / (?:d|transform|x|y|x1|y1|x2|y2|cx|cy|r|width|height|viewBox|stroke-dasharray|stroke-width|font-size)="[^"]*"/g;
const NUMBER = /-?\d+\.\d+/g;
const DESCRIBED = /<(path|text|rect|line)((?: [^<>]*?)?) aria-label="([^"]*)"([^<>]*)>([^<]*)<\/\1>/g;
const ARIA = / (?:aria-[a-z]+|role)="[^"]*"/g;

/** One digit after the point is finer than a screen. Only geometry: texts such as "4.000" must stay as they are. */
function roundGeometry(svg: string): string {
  return svg.replaceAll(GEOMETRY, (attribute) => attribute.replaceAll(NUMBER, (digits) => String(Math.round(Number(digits) * 10) / 10)));
}

/** A described mark gets its description as a tooltip. */
function addTooltips(svg: string): string {
  return svg.replaceAll(DESCRIBED, '<$1$2$4><title>$3</title>$5</$1>');
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** Vega counts its clips and gradients on through the whole process; here they begin anew, and with the name of the drawing. */
function renumber(svg: string, id: string): string {
  const known = new Map<string, number>();
  return svg.replaceAll(/(id="|url\(#)((?:clip|gradient)[^")]*)/g, (_, before: string, name: string) => {
    if (!known.has(name)) known.set(name, known.size);
    return `${before}${id}-${known.get(name) ?? 0}`;
  });
}

export interface SvgOptions {
  /** What the drawing says, in the language of the page. */
  readonly alt: string;
  /** Unique on the page. */
  readonly id: string;
}

export function tidySvg(svg: string, { alt, id }: SvgOptions): string {
  const open = svg.indexOf('>');
  const head = /viewBox="[^"]*"/.exec(svg.slice(0, open))?.[0] ?? '';
  const width = /width="([\d.]+)"/.exec(svg.slice(0, open))?.[1] ?? '';
  const height = /height="([\d.]+)"/.exec(svg.slice(0, open))?.[1] ?? '';
  // Marks that Vega describes by itself would be read out in English: only our own descriptions become tooltips.
  const body = renumber(addTooltips(svg.slice(open + 1)), id)
    .replaceAll(ARIA, '')
    .replaceAll(/ class="[^"]*"/g, '')
    .replaceAll(' pointer-events="none"', '');
  return roundGeometry(`<svg xmlns="http://www.w3.org/2000/svg" ${head} width="${width}" height="${height}" role="img" aria-label="${escapeHtml(alt)}">${body}`);
}
