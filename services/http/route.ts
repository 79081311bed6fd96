import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Release } from '../release/load.ts';

/** What a handler gets: everything checked, and one release from the beginning of the request to its end. */
export interface Call<Q, B> {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: Q;
  readonly body: B;
  readonly params: Readonly<Record<string, string>>;
  /** Null before the first one. */
  readonly release: Release | null;
  readonly requestId: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** `/api/models/{version}/promote`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Of the answer with status 200; absent where it is no JSON. */
  readonly answer?: z.ZodType;
  /** Content types of the answer, JSON where nothing is said. */
  readonly types?: readonly string[];
  readonly status?: number;
  /** JSON answers with another status that are no problem. */
  readonly answers?: Readonly<Record<number, z.ZodType>>;
  /** Changes something: needs the token. */
  readonly writes?: boolean;
  /** Health and metrics are asked by machines at a steady pace. */
  readonly unlimited?: boolean;
  readonly example?: unknown;
  handle(call: Call<unknown, unknown>): void | Promise<void>;
}

interface Typed<Q extends z.ZodType, B extends z.ZodType> extends Omit<Route, 'handle' | 'query' | 'body'> {
  readonly query?: Q;
  readonly body?: B;
  handle(call: Call<z.infer<Q>, z.infer<B>>): void | Promise<void>;
}

/** A route whose handler has the types of its schemas. */
export function route<Q extends z.ZodType, B extends z.ZodType>(typed: Typed<Q, B>): Route {
  return typed as Route;
}
