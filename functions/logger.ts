import { Logger } from '@aws-lambda-powertools/logger';
import { logText } from '../shared/text/log-text.ts';

/** The logger of a function: no secret of a message, an error or its stack gets into the log, and no line is forged. */
export const safeLogger = (
  options: Pick<ConstructorParameters<typeof Logger>[0] & object, 'logLevel'> = {},
): Logger =>
  new Logger({
    ...options,
    jsonReplacerFn: (_key, value) => (typeof value === 'string' ? logText(value) : value),
  });
