import { resourceName } from '../../domain/resource.ts';
import { groupBy } from '../../group-by.ts';
import { counted } from '../../text/counted.ts';
import { Name, readableDay, readableTime, StatusLabel, Text } from '../report/text.tsx';
import { type Exception, exceptionSubject } from './exceptions.ts';
import type { Deployment, ToldChange } from './model.ts';
import { Rows } from './page-parts.tsx';
import type { Member } from './population.ts';
import type { Stretch } from './stretches.ts';
import { standingOf } from './tallies.ts';

/** The stretches in which a control found a fault, or could not tell. */
export const Faults = ({ stretches }: { stretches: readonly Stretch[] }) => {
  const of = stretches.filter((stretch) => SHOWN.has(standingOf(stretch)));
  const notJudged = stretches.filter(({ said }) => said === 'NOT_JUDGED').length;
  return (
    <>
      {of.length === 0 ? (
        <p>No look of the period found a fault or something unknown.</p>
      ) : (
        <Rows
          caption={`${counted(of.length, 'stretch', 'stretches')} of looks that said the same; between two of them nobody knows when it changed`}
          file="verdicts.csv"
          rows={of}
          columns={[
            {
              head: 'Control and resource',
              cell: ({ control, resource, subject, account }) => (
                <>
                  <Name>{control}</Name>
                  <small>
                    {resource.type}{' '}
                    <Name>{`${resourceName(resource.arn)}${subject === undefined ? '' : ` › ${subject}`}`}</Name>
                    , {account}
                  </small>
                </>
              ),
            },
            {
              head: 'Verdict',
              class: 'short',
              cell: ({ said, suppression, severity = '' }) => (
                <>
                  {said !== 'NOT_JUDGED' && <StatusLabel status={said} />}
                  <small>
                    {severity.toLowerCase()}
                    {suppression && ', accepted'}
                  </small>
                </>
              ),
            },
            {
              head: 'Looks',
              class: 'time',
              cell: ({ first, last, looks, atEnd }) => (
                <>
                  {readableTime(first)} to {atEnd ? 'the end' : readableTime(last)}
                  <small>{counted(looks, 'look')}</small>
                </>
              ),
            },
            {
              head: 'Evidence',
              cell: ({ evidence: [first] }) =>
                first && (
                  <>
                    <Name>{first.found}</Name>
                    <small>
                      at <Name>{first.at}</Name>
                    </small>
                  </>
                ),
            },
          ]}
        />
      )}
      {notJudged > 0 && (
        <p>
          {counted(notJudged, 'more stretch', 'more stretches')} in which a control judged nothing, with the
          reason, in <code>verdicts.csv</code> (status NOT_JUDGED).
        </p>
      )}
    </>
  );
};

const SHOWN: ReadonlySet<string> = new Set(['failed', 'warning', 'unknown', 'accepted']);

/** What opened, changed and ended, and who did what. */
export const Changes = ({ changes }: { changes: readonly ToldChange[] }) =>
  changes.length === 0 ? (
    <p>No finding opened, changed or ended.</p>
  ) : (
    <Rows
      caption={`${counted(changes.length, 'change')}, by time. Mended is only what its own control judged again and found good`}
      file="changes.csv"
      rows={changes}
      columns={[
        { head: 'When', class: 'time', cell: ({ at }) => readableTime(at) },
        {
          head: 'What',
          class: 'short',
          cell: ({ change, ended }) => (
            <>
              {change}
              {ended && ended.how !== change && <small>{ended.how.replaceAll('-', ' ')}</small>}
            </>
          ),
        },
        {
          head: 'Finding',
          cell: ({ finding: { control, resource, subject, title } }) => (
            <>
              <Name>{title}</Name>
              <small>
                <Name>{control}</Name>: {resource.type}{' '}
                <Name>{`${resourceName(resource.arn)}${subject === undefined ? '' : ` › ${subject}`}`}</Name>
              </small>
            </>
          ),
        },
        {
          head: 'Who and which event',
          cell: ({ by }) =>
            by === 'not recorded' ? (
              by
            ) : by.trigger ? (
              <>
                {by.principal === undefined ? 'as the event tells' : <Name>{by.principal}</Name>}
                <small>
                  <Name>{`${by.trigger.eventName} ${by.trigger.eventId}`}</Name>
                </small>
              </>
            ) : (
              'found by a sweep'
            ),
        },
      ]}
    />
  );

const WHAT: Record<Exception['what'], string> = {
  suppression: 'Finding accepted',
  'control-off': 'Control switched off',
  'not-configured': 'Control without its list',
};

/** What was excepted, why, and for how long. */
export const Exceptions = ({ exceptions }: { exceptions: readonly Exception[] }) =>
  exceptions.length === 0 ? (
    <p>No exception was in force.</p>
  ) : (
    <Rows
      caption={`${counted(exceptions.length, 'exception')} that looks found in force`}
      file="exceptions.csv"
      rows={exceptions}
      columns={[
        {
          head: 'Exception',
          cell: (exception) => (
            <>
              {WHAT[exception.what]}: <Name>{exception.control}</Name>
              <small>
                <Name>{exceptionSubject(exception)}</Name>, {exception.account}
              </small>
            </>
          ),
        },
        { head: 'Reason', cell: ({ reason }) => <Name>{reason}</Name> },
        {
          head: 'In force',
          class: 'time',
          cell: ({ first, last, days, expires }) => (
            <>
              {readableDay(first)} to {readableDay(last)}
              <small>
                {counted(days, 'day')}
                {expires !== undefined && `, ends ${expires}`}
              </small>
            </>
          ),
        },
      ]}
    />
  );

/** Every resource that was seen in the period, by its type. */
export const Population = ({ members }: { members: ReadonlyMap<string, Member> }) => {
  const byType = groupBy(members.values(), ({ resource }) => resource.type);
  return byType.size === 0 ? (
    <p>Nothing was looked at.</p>
  ) : (
    <>
      <p>
        A resource is in the population if a look of the period was at it:{' '}
        {[...byType].map(([type, of]) => counted(of.length, type)).join(', ')}.
      </p>
      {[...byType].map(([type, of]) => (
        <Rows
          key={type}
          caption={counted(of.length, type)}
          file="population.csv"
          rows={of}
          columns={[
            {
              head: 'Resource',
              cell: ({ resource, account }) => (
                <>
                  <Name>{resource.arn}</Name>
                  {!resource.arn.includes(account) && <small>{account}</small>}
                </>
              ),
            },
            {
              head: 'First seen',
              class: 'time',
              cell: ({ seen, seenBefore }) =>
                seenBefore ? 'before the period' : seen ? readableTime(seen.first) : '',
            },
            {
              head: 'Last seen',
              class: 'time',
              cell: ({ seen, goneAt }) => (
                <>
                  {seen && readableTime(seen.last)}
                  {goneAt !== undefined && <small>gone at {readableTime(goneAt)}</small>}
                </>
              ),
            },
            {
              head: 'Looks',
              class: 'short',
              cell: ({ seen, versions }) => (
                <>
                  {seen?.looks ?? 0}
                  {versions.size > 0 && (
                    <small>
                      <Text>{`version ${[...versions.keys()].toSorted((one, other) => one - other).join(', ')}`}</Text>
                    </small>
                  )}
                </>
              ),
            },
          ]}
        />
      ))}
    </>
  );
};

/** By which versions and configurations the auditor judged. */
export const Deployments = ({ deployments }: { deployments: readonly Deployment[] }) =>
  deployments.length === 0 ? (
    <p>No record tells by what was judged.</p>
  ) : (
    <Rows
      caption="Versions and digests of configurations, with the first and last record by each"
      file="records.jsonl"
      rows={deployments}
      columns={[
        {
          head: 'Version and configuration',
          cell: ({ version, configuration }) => <Name>{`${version}, ${configuration}`}</Name>,
        },
        { head: 'Account', class: 'what', cell: ({ account }) => account },
        { head: 'First', class: 'time', cell: ({ first }) => readableTime(first) },
        {
          head: 'Last',
          class: 'time',
          cell: ({ last, records }) => (
            <>
              {readableTime(last)}
              <small>{counted(records, 'record')}</small>
            </>
          ),
        },
      ]}
    />
  );
