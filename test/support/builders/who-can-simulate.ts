import { requestOf } from '../../../cli/simulate-request.ts';
import { requestInSnapshot } from '../../../cli/simulate-snapshot.ts';
import { type Decision, decide } from '../../../shared/iam/decide/decide.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import type { Step } from '../../../shared/who-can/answer.ts';
import type { WhoCan } from '../../../shared/who-can/who-can.ts';

/** A request as `simulate --snapshot` is asked for it. `isWhole`: no other key is in the request. */
type Simulated = Pick<Step, 'principal' | 'action' | 'resource' | 'context'> & { isWhole?: boolean };

/** What `pipewarden simulate --snapshot` decides about a request. */
export const simulated = async (
  reader: Reader,
  { principal, action, resource, context, isWhole = false }: Simulated,
): Promise<Decision> => {
  const entries = Object.entries(context).flatMap(([key, values]) =>
    values === null ? [key] : values.map((value) => `${key}=${value}`),
  );
  const asked = requestOf({ principal, action, resource, context: [...entries, ...(isWhole ? ['*'] : [])] });
  const { request, policies } = await requestInSnapshot(reader, asked);
  return decide(policies, request);
};

/** The steps of those who can, which `simulate` does not allow. */
export const notAllowed = async (reader: Reader, { principals }: WhoCan): Promise<string[]> => {
  const wrong: string[] = [];
  for (const { arn, answer, steps } of principals) {
    if (answer === 'yes' && steps.length === 0) wrong.push(`${arn}: a yes without a request`);
    for (const step of steps) {
      const decision = await simulated(reader, step);
      if (decision !== 'Allow') wrong.push(`${arn}: ${step.action} on ${step.resource} is ${decision}`);
    }
  }
  return wrong;
};
