import { Logger } from '@aws-lambda-powertools/logger';
import { logText } from '../shared/text/log-text.ts';

/** The logger of a function. Secrets are removed from all texts, and no text can forge a line. */
export const safeLogger = (
  options: Pick<ConstructorParameters<typeof Logger>[0] & object, 'logLevel'> = {},
): Logger =>
  new Logger({
    ...options,
    jsonReplacerFn: (_key, value) => (typeof value === 'string' ? logText(value) : value),
  });
