import { groupBy } from '../../group-by.ts';
import { counted } from '../../text/counted.ts';
import { laterOf } from './period.ts';
import type { Stretch } from './stretches.ts';

/** Something that was excepted: a finding that was accepted, or a control that judged nothing because of the configuration. */
export type Exception = {
  what: 'suppression' | 'control-off' | 'not-configured';
  account: string;
  control: string;
  /** Of a suppression: the resource, and the part of it. */
  resource?: string;
  subject?: string;
  /** Of a control: on how many resources it judged nothing. */
  resources: number;
  reason: string;
  /** The last day of a suppression (YYYY-MM-DD). */
  expires?: string;
  first: string;
  last: string;
  /** The days of the period (in UTC) from the first look that found it so to the last one. */
  days: number;
};

/** The exceptions of a period, by account, control and time. */
export const exceptionsIn = (stretches: readonly Stretch[], begin: string): Exception[] => {
  const keyed = stretches.flatMap((stretch) => {
    const of = exceptionOf(stretch);
    return of ? [{ of, stretch, key: JSON.stringify(of) }] : [];
  });
  return [...groupBy(keyed, ({ key }) => key).values()]
    .flatMap((group): Exception[] => {
      const [{ of } = { of: undefined }] = group;
      if (!of) return [];
      const firsts = group.map(({ stretch }) => stretch.first).toSorted();
      const lasts = group.map(({ stretch }) => stretch.last).toSorted();
      const [first = begin, last = begin] = [firsts[0], lasts.at(-1)];
      const resources = new Set(group.map(({ stretch }) => stretch.resource.arn)).size;
      return [{ ...of, resources, first, last, days: daysFrom(laterOf(first, begin), last) }];
    })
    .toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
};

const exceptionOf = (
  stretch: Stretch,
): Omit<Exception, 'resources' | 'first' | 'last' | 'days'> | undefined => {
  const { account, control, resource, subject, suppression, why, because = '' } = stretch;
  if (suppression)
    return {
      what: 'suppression',
      account,
      control,
      resource: resource.arn,
      ...(subject !== undefined && { subject }),
      reason: suppression.reason,
      expires: suppression.expires,
    };
  return why === 'control-off' || why === 'not-configured'
    ? { what: why, account, control, reason: because }
    : undefined;
};

const orderOf = ({ account, control, what, first, resource = '', subject = '', reason }: Exception): string =>
  JSON.stringify([account, control, what, resource, subject, first, reason]);

const daysFrom = (first: string, last: string): number =>
  Math.max(0, (dayOf(last) - dayOf(first)) / 86_400_000 + 1);

const dayOf = (time: string): number => Date.parse(time.slice(0, 10));

/** What an exception is of, in words. */
export const exceptionSubject = ({ what, resource = '', subject, resources }: Exception): string =>
  what === 'suppression'
    ? `${resource}${subject === undefined ? '' : ` › ${subject}`}`
    : counted(resources, 'resource');
