import { z } from 'zod';
import { sendJson } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { Route } from '../http/route.ts';

const Problem = z.strictObject({
  type: z.string(), title: z.string(), status: z.number().int(), detail: z.string(), errors: z.array(z.strictObject({ at: z.string(), message: z.string() })).optional(),
});

type Json = Readonly<Record<string, unknown>>;

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>;
  return rest;
}

function queryOf(query: z.ZodType | undefined): readonly Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as { readonly properties?: Readonly<Record<string, Json>>; readonly required?: readonly string[] };
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = schema;
    return { name, in: 'query', required: required.includes(name), ...(description === undefined ? {} : { description }), schema: rest };
  });
}

function paramsOf(path: string): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function operationOf({ path, summary, tag, query, body, answer, types, status = 200, answers = {}, writes, example }: Route): Json {
  const content: Record<string, Json> = {};
  if (answer !== undefined) content['application/json'] = { schema: schemaOf(answer, 'output') };
  for (const type of types ?? []) content[type.split(';', 1)[0] ?? type] ??= { schema: { type: 'string' } };
  const parameters = [...paramsOf(path), ...queryOf(query)];
  return {
    summary, tags: [tag], ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input'), ...(example === undefined ? {} : { example }) } } } }),
    ...(writes === true ? { security: [{ token: [] }] } : {}),
    responses: {
      [status]: { description: 'Done', content },
      ...Object.fromEntries(Object.entries(answers).map(([other, schema]) => [other, { description: 'Not now', content: { 'application/json': { schema: schemaOf(schema, 'output') } } }])),
      default: { description: 'What went wrong', content: { 'application/problem+json': { schema: schemaOf(Problem, 'output') } } },
    },
  };
}

/** OpenAPI 3.1 from the very schemas that check the requests. */
export function openApiOf(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const one of routes) (paths[one.path] ??= {})[one.method.toLowerCase()] = operationOf(one);
  return {
    openapi: '3.1.0',
    info: { title: 'ulasan', version: '1', description: 'Sentiment of Google Play reviews: predictions, reviews, models and runs.' },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
}

/** The document, as an endpoint of its own; it tells of itself too. */
export function openApiRoutes(others: readonly Route[]): readonly Route[] {
  let text: Json | undefined;
  const own: Route = route({
    method: 'GET', path: '/api/openapi.json', tag: 'health', summary: 'This document', answer: z.record(z.string(), z.unknown()),
    handle: ({ response }) => sendJson(response, (text ??= openApiOf([...others, own]))),
  });
  return [own];
}
