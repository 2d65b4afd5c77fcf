import type { Context } from 'aws-lambda';

type Handler<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

/**
 * A handler that connects with the first event and then lives as long as the execution environment. After an error it
 * connects again, so that a configuration that could not be read is read again.
 */
export const connected = <Event, Answer>(
  connect: (env: NodeJS.ProcessEnv, context: Context) => Promise<Handler<Event, Answer>>,
): Handler<Event, Answer> => {
  let handler: Promise<Handler<Event, Answer>> | undefined;
  return async (event, context) => {
    handler ??= connect(process.env, context);
    try {
      return await (await handler)(event, context);
    } catch (error) {
      handler = undefined;
      throw error;
    }
  };
};
