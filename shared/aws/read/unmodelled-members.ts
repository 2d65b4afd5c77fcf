import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { isObject, type Json, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';

/**
 * The commands whose answers are read as they came as well: the SDK drops members that its model does not know
 * (PipelineVersionAliases, the RoleArn of an execution).
 */
const COMMANDS: readonly string[] = ['DescribePipelineExecutionCommand', 'ListPipelineVersionsCommand'];

/** Answers are lists of objects in an object; what lies deeper is the SDK's alone. */
const MAX_DEPTH = 4;

/** The client, whose answers to these commands have the members that the SDK’s model lacks. */
export const withUnmodelledMembers = (client: SageMakerClient): SageMakerClient => {
  // Nearer to the wire than what reads the body: the body is read here, and put back as bytes.
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (COMMANDS.includes(String(commandName))) await bodyAsBytes(result.response);
        return result;
      },
    { step: 'deserialize', priority: 'low', name: 'keepBody' },
  );
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (COMMANDS.includes(String(commandName))) addMissing(result.output, bodyOf(result.response), 0);
        return result;
      },
    { step: 'deserialize', priority: 'high', name: 'addUnmodelledMembers' },
  );
  return client;
};

const bodyAsBytes = async (response: unknown): Promise<void> => {
  const holder = response as { body?: unknown };
  if (!isStream(holder.body)) return;
  const chunks: Uint8Array[] = [];
  for await (const chunk of holder.body) chunks.push(chunk);
  holder.body = new Uint8Array(Buffer.concat(chunks));
};

const isStream = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && !(body instanceof Uint8Array) && Symbol.asyncIterator in body;

const bodyOf = (response: unknown): Json | undefined => {
  const { body } = response as { body?: unknown };
  if (!ArrayBuffer.isView(body)) return undefined;
  const parsed = parseJson(new TextDecoder('utf-8').decode(body));
  return parsed.ok ? parsed.value : undefined;
};

/** Adds what stands in the body and not in the answer; what stands in both is the SDK’s. */
const addMissing = (answer: unknown, body: Json | undefined, depth: number): void => {
  if (depth > MAX_DEPTH || body === undefined) return;
  if (Array.isArray(answer) && Array.isArray(body)) {
    for (const [index, entry] of answer.entries()) addMissing(entry, body[index], depth + 1);
    return;
  }
  if (typeof answer !== 'object' || answer === null || !isObject(body)) return;
  for (const key of Object.keys(body)) {
    const value = member(body, key);
    const known: unknown = Object.hasOwn(answer, key) ? (answer as Record<string, unknown>)[key] : undefined;
    if (known === undefined)
      Object.defineProperty(answer, key, { value, enumerable: true, writable: true, configurable: true });
    else addMissing(known, value, depth + 1);
  }
};
