import { View, parse } from 'vega';
import { compile } from 'vega-lite';
import type { TopLevelSpec } from 'vega-lite';
import type { Locale } from '../wording/format.ts';
import { tidySvg } from './svg.ts';
import { configOf } from './theme.ts';

/** The drawing area in pixels: one for phones, one for everything wider. CSS shows the one that fits its container. */
export const WIDTHS = { narrow: 270, wide: 740 } as const;
export type Width = keyof typeof WIDTHS;

export interface Chart {
  /** Unique on its page. */
  readonly id: string;
  readonly alt: string;
  /** A spec that may differ by width: fewer ticks on a phone. */
  readonly spec: (width: number, kind: Width) => TopLevelSpec;
}

export type Drawing = Readonly<Record<Width, string>>;

/** Vega tells of a bad field or scale on its logger and draws on; here every such line ends the drawing. */
function strict(): { readonly logger: Logger; readonly said: string[] } {
  const said: string[] = [];
  const keep = (...parts: readonly unknown[]): Logger => {
    said.push(parts.map(String).join(' '));
    return logger;
  };
  const ignore = (): Logger => logger;
  const logger: Logger = { level: () => logger, error: keep, warn: keep, info: ignore, debug: ignore };
  return { logger, said };
}

interface Logger {
  level(value: number): Logger;
  error(...parts: readonly unknown[]): Logger;
  warn(...parts: readonly unknown[]): Logger;
  info(): Logger;
  debug(): Logger;
}

/** Compiles a Vega-Lite spec and draws it as SVG. Throws on anything that Vega-Lite or Vega warns about. */
export async function drawSpec(spec: TopLevelSpec, locale: Locale): Promise<string> {
  const { logger, said } = strict();
  const compiled = compile({ ...spec, config: { ...configOf(locale), ...spec.config } }, { logger: logger as never });
  const view = new View(parse(compiled.spec), { renderer: 'none', logger: logger as never });
  const svg = await view.toSVG();
  view.finalize();
  if (said.length > 0) throw new RangeError(`Cannot draw the chart as Vega warns: ${said.join('; ')}`);
  return svg;
}

export async function draw(chart: Chart, locale: Locale): Promise<Drawing> {
  const at = async (kind: Width): Promise<string> => tidySvg(await drawSpec(chart.spec(WIDTHS[kind], kind), locale), { alt: chart.alt, id: `${chart.id}-${kind}` });
  return { narrow: await at('narrow'), wide: await at('wide') };
}
