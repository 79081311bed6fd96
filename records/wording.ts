import type { RecordsProblem } from './problem.ts';

const [NAME_LENGTH, NAMES_MAX] = [40, 20];

/** A name out of somebody's file: in one line, so that it forges no line of ours, without characters that steer a terminal, and not too long. */
export function shownName(name: string): string {
  const line = [...name.replaceAll(/[\p{C}\s]+/gu, ' ').trim()];
  return line.length > NAME_LENGTH ? `${line.slice(0, NAME_LENGTH).join('')}…` : line.join('');
}

/** Names out of somebody's file; of many, the first. */
export function shownNames(names: readonly string[]): string {
  const more = names.length - NAMES_MAX;
  return names.slice(0, NAMES_MAX).map(shownName).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const or = (hint: string | undefined): string => (hint === undefined ? '' : ` (did you mean "${shownName(hint)}"?)`);

/** A failure to read rows as a sentence, and what to do about it. */
export function sentence(problem: RecordsProblem): { readonly problem: string; readonly where: string; readonly remedy: string } {
  const { file } = problem;
  switch (problem.kind) {
    case 'absent':
      return { problem: `Cannot read ${file} as there is no such file`, where: file, remedy: 'check the path, or let the stage that writes it run' };
    case 'unreadable':
      return { problem: `Cannot read ${file}: ${problem.why}`, where: file, remedy: 'check that it is a file that this user may read' };
    case 'encoding':
      return { problem: `Cannot read ${file} as byte ${problem.byte} (line ${problem.line}) is not UTF-8`, where: `${file}:${problem.line}`, remedy: 'save the file as UTF-8' };
    case 'malformed':
      return { problem: `Cannot read ${file} as line ${problem.line} is malformed: ${problem.why}`, where: `${file}:${problem.line}`, remedy: 'mend that line; a quote that is not closed swallows the rest of the file' };
    case 'empty':
      return { problem: `Cannot read ${file} as it is empty`, where: file, remedy: 'give a file with a header line that names the columns, or with one JSON object a line' };
    case 'column':
      return { problem: `Cannot read ${file} as it has no column "${problem.column}"${or(problem.hint)}; its columns are ${shownNames(problem.columns)}`, where: `${file}:1`, remedy: problem.remedy ?? 'name the column as expected' };
    case 'headerless':
      return { problem: `Cannot read ${file} as it has no column "${problem.column}": its first line looks like a review, not like names of columns`, where: `${file}:1`, remedy: 'write a line above it that names the columns, such as id,at,rating,text' };
    case 'value':
      return { problem: `Cannot read ${file} as line ${problem.line} has ${JSON.stringify(problem.seen.slice(0, 60))} as "${problem.column}", which must be ${problem.expected}`, where: `${file}:${problem.line}`, remedy: 'mend the value, or let the stage that writes the file run again' };
    default: {
      const never: never = problem;
      return never;
    }
  }
}
