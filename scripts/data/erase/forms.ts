import { createStem } from '../../../ml/text/stem.ts';
import { normalize } from '../../../ml/text/normalize.ts';
import { tokenize } from '../../../ml/text/tokenize.ts';
import { readRecord } from '../../../runner/record.ts';
import { CleanParams } from '../../../schema/params.ts';
import type { TextParams } from '../../../schema/params.ts';
import type { Review } from '../../../schema/review.ts';
import { partOfParams } from '../place.ts';

/** What a review said, by which it is looked for: as it was written, as it was cleaned, and what was replied. */
export const textsOf = ({ text, reply }: Pick<Review, 'text' | 'reply'>): readonly string[] => [text, normalize(text), reply ?? ''];

/** How the workspace makes tokens: as what lies there was made, and as params.yaml says by now. Each way once. */
export function waysOfText(workspace: string): readonly TextParams[] {
  const found = [readRecord(workspace, 'clean')?.fingerprint.params['params.yaml:clean'], partOfParams('clean')].flatMap((clean) => {
    const parsed = CleanParams.shape.text.safeParse((clean as { readonly text?: unknown } | undefined)?.text);
    return parsed.success ? [parsed.data] : [];
  });
  return found.filter((way, index) => index === found.findIndex((other) => JSON.stringify(other) === JSON.stringify(way)));
}

/** What escapes make other letters of: a line end is \n in JSON, and begins the next word there. */
const ESCAPED = /["\\\0-\x1f]/;

/**
 * Every form in which files of a workspace hold a review: as it was written, in one line, within JSON, twice in a row (in the table
 * of a release, as it is and in small letters, with nothing in between), as it was cleaned, as tokens, which leave out what stands
 * between words and write slang in full, and what was replied. Parts of tokens (the words of a model, and each two in a row) are
 * in one of them.
 */
export function formsReader(ways: readonly TextParams[]): (review: Pick<Review, 'text' | 'reply'>) => Generator<string> {
  const stem = ways.some((way) => way.stem !== 'none') ? createStem() : undefined;
  return function* formsOf({ text, reply }) {
    const clean = normalize(text);
    yield text + text;
    yield clean;
    for (const way of ways) yield tokenize(clean, way, way.stem === 'none' ? undefined : stem).join(' ');
    if (reply !== null) yield reply;
    for (const said of [text, reply ?? '']) {
      if (!ESCAPED.test(said)) continue;
      yield JSON.stringify(said);
      yield said.replaceAll(/\s+/g, ' ');
    }
  };
}
