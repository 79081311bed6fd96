/** Why rows could not be read. Lines are 1-based, the header being line 1. */
export type RecordsProblem =
  | { readonly kind: 'absent' | 'empty'; readonly file: string }
  | { readonly kind: 'unreadable'; readonly file: string; readonly why: string }
  | { readonly kind: 'encoding'; readonly file: string; readonly byte: number; readonly line: number }
  | { readonly kind: 'malformed'; readonly file: string; readonly line: number; readonly why: string }
  | { readonly kind: 'column'; readonly file: string; readonly column: string; readonly columns: readonly string[]; readonly hint?: string; readonly remedy?: string }
  /** A first line that names no columns: it is a row, which is not to be shown. */
  | { readonly kind: 'headerless'; readonly file: string; readonly column: string }
  | { readonly kind: 'value'; readonly file: string; readonly line: number; readonly column: string; readonly seen: string; readonly expected: string };

export type Read<T> = { readonly ok: true; readonly rows: T } | { readonly ok: false; readonly problem: RecordsProblem };
