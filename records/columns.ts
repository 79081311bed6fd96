import type { z } from 'zod';
import { Instant } from '../schema/app.ts';

/** How a field of a schema is kept in a file. */
export interface Column {
  readonly name: string;
  readonly kind: 'string' | 'number' | 'boolean';
  readonly nullable: boolean;
  /** An instant of ours, which a file with types keeps as a time. */
  readonly instant: boolean;
}

interface Definition {
  readonly type: string;
  readonly innerType?: { readonly def: Definition };
}

/** The columns of a schema, in its order, read off it once: cells are then turned by kind, which is quick. */
export function columnsOf(schema: z.ZodObject): readonly Column[] {
  return Object.entries(schema.shape).map(([name, field]): Column => {
    const outer = (field as unknown as { readonly def: Definition }).def;
    const nullable = outer.type === 'nullable';
    const inner = nullable && outer.innerType !== undefined ? outer.innerType : { def: outer };
    const { type } = inner.def;
    const kind = type === 'number' || type === 'int' ? 'number' : type === 'boolean' ? 'boolean' : 'string';
    return { name, nullable, kind, instant: inner.def === (Instant as unknown as { readonly def: Definition }).def };
  });
}
