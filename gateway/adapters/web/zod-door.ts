/** Joins zod to Fastify: what comes in passes a schema once, and the same schema is shown in the OpenAPI page. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchema,
  FastifySchemaCompiler,
  FastifySerializerCompiler,
  FastifyTypeProvider,
  RawServerDefault,
} from 'fastify';
import { z } from 'zod';
import { problemSchema } from './answers.ts';
import { ProblemError } from './problem.ts';

interface ZodTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  readonly serializer: this['schema'] extends z.ZodType ? z.input<this['schema']> : unknown;
}

/** The Fastify application whose routes take their types from their zod schemas. */
export type WebApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypes
>;

const fieldCharactersMax = 64;

/** Reads with zod; what does not fit becomes a 400 that names the field and never repeats its value. */
export const readWithZod: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (input: unknown) => {
    const read = schema.safeParse(input);
    return read.success ? { value: read.data } : { error: asProblem(read.error.issues) };
  };

/** Answers are made by the hub itself and typed against their schema, so they are only written. */
export const writeJson: FastifySerializerCompiler<z.ZodType> = () => JSON.stringify;

function asProblem(issues: readonly z.core.$ZodIssue[]): ProblemError {
  const issue = issues[0];
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = [...(issue?.path ?? []), ...(unknownKey === undefined ? [] : [unknownKey])]
    .join('.')
    .slice(0, fieldCharactersMax);
  const detail =
    unknownKey === undefined ? (issue?.message ?? 'does not fit') : 'this field is not known here';
  return new ProblemError({
    status: 400,
    title: 'Bad request',
    detail,
    ...(field === '' ? {} : { field }),
  });
}

const documentedParts = ['body', 'querystring', 'params', 'headers'] as const;

/** For @fastify/swagger: writes a route's zod schemas as JSON Schema. */
export function documentRoute({ schema, url }: { schema: FastifySchema; url: string }) {
  const documented: Record<string, unknown> = { ...schema };
  for (const part of documentedParts) {
    if (schema[part] !== undefined) documented[part] = asJsonSchema(schema[part]);
  }
  const response = {
    ...Object.fromEntries(
      Object.entries(schema.response ?? {}).map(([status, answer]) => [
        status,
        asJsonSchema(answer),
      ]),
    ),
    '4xx': {
      description: 'What is wrong, by RFC 9457',
      content: { 'application/problem+json': { schema: asJsonSchema(problemSchema) } },
    },
  };
  return { schema: { ...documented, response } as FastifySchema, url };
}

function asJsonSchema(schema: unknown): unknown {
  if (!(schema instanceof z.ZodType)) return schema;
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
