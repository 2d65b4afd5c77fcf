import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import type { Change, Observation } from '../../shared/findings/state.ts';
import { memoryStore, type Store } from '../../shared/findings/store.ts';
import { anObservation } from '../support/builders/observation.ts';
import { startDynamodbLocal } from '../support/emulators/dynamodb-local.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

let resources = 0;
/** A new resource for each test, so that tests can share a table. */
const newArn = (): string => `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/Fraud-${++resources}`;

const at = (second: number): string => new Date(Date.UTC(2026, 10, 24, 9, 0, second)).toISOString();

const onDay = (day: number): string => new Date(Date.UTC(2026, 10, 24, 9) + day * 86_400_000).toISOString();

const CONTROL = 'pipeline-job-prefix';
const OFF = { is: 'left-out', why: 'control-off', because: 'the control is switched off: PLAT-1' } as const;
const NOTHING = { is: 'nothing', because: 'no step has a job' } as const;

const finding = (arn: string, id: string, second: number, over: Partial<Finding> = {}): Finding => ({
  id: `pipewarden/pipeline-job-prefix/${id}`,
  control: 'pipeline-job-prefix',
  status: 'FAILED',
  severity: 'HIGH',
  title: 'Job steps carry an authorised prefix',
  resource: { type: 'pipeline', arn },
  subject: id,
  evidence: [{ at: '/Steps/0/Arguments', found: 'no name “é”', expected: 'fraud-train' }],
  remediation: { text: 'Set the name.', patch: '{"a":1}' },
  firstObservedAt: at(second),
  lastObservedAt: at(second),
  ...over,
});

const look = (arn: string, second: number, findings: Finding[], gone = false): Observation =>
  anObservation({ resourceArn: arn, observedAt: at(second), findings, gone });

/** The stored number of passes of a resource; undefined if none is stored. */
const passedOn = async (store: Store, arn: string): Promise<number | undefined> => {
  for await (const { resourceArn, state } of store.states()) if (resourceArn === arn) return state.passed;
  return undefined;
};

const told = (changes: readonly Change[]) => changes.map(({ kind, finding }) => [kind, finding.subject]);

const contract = (open: () => Store): void => {
  test('a finding is opened once, changed, and resolved', async () => {
    const store = open();
    const arn = newArn();
    const deliver = async (observation: Observation) => {
      const { state, changes } = await store.observe(observation);
      await store.acknowledge(arn, changes, []);
      return { told: told(changes), open: state.open };
    };
    const id = finding(arn, 'a', 0).id;

    expect(await deliver(look(arn, 0, [finding(arn, 'a', 0)]))).toEqual({
      told: [['opened', 'a']],
      open: { [id]: finding(arn, 'a', 0) },
    });
    expect(await deliver(look(arn, 1, [finding(arn, 'a', 1)]))).toEqual({
      told: [],
      open: { [id]: finding(arn, 'a', 1, { firstObservedAt: at(0) }) },
    });
    expect((await deliver(look(arn, 2, [finding(arn, 'a', 2, { status: 'WARNING' })]))).told).toEqual([
      ['changed', 'a'],
    ]);
    expect(await deliver(look(arn, 3, []))).toEqual({ told: [['resolved', 'a']], open: {} });
    expect(await deliver(look(arn, 4, []))).toEqual({ told: [], open: {} });
    expect((await deliver(look(arn, 5, [finding(arn, 'a', 5)]))).told).toEqual([['opened', 'a']]);
  });

  test('a verdict stands while it cannot be judged, and ends by what the next look says', async () => {
    const store = open();
    const arn = newArn();
    const unread = finding(arn, 'a', 1, {
      status: 'NOT_AVAILABLE',
      evidence: [{ at: 'DescribePipeline', found: 'AccessDenied “é”', expected: 'to be read' }],
    });
    const see = async (observation: Observation) => {
      const { state, changes } = await store.observe(observation);
      await store.acknowledge(arn, changes, []);
      return [changes.map(({ kind, finding: { status } }) => [kind, status]), Object.values(state.open)];
    };
    await see(look(arn, 0, [finding(arn, 'a', 0)]));
    const unjudged = { since: at(0), why: 'unread', because: 'DescribePipeline: AccessDenied “é”' } as const;
    const standing = finding(arn, 'a', 0, { unjudged });
    expect(await see(look(arn, 1, [unread]))).toEqual([[['changed', 'FAILED']], [standing]]);
    expect(await see(look(arn, 2, [{ ...unread, lastObservedAt: at(2) }]))).toEqual([[], [standing]]);
    expect(await see(look(arn, 3, []))).toEqual([[['resolved', 'PASSED']], []]);
  });

  test('a late look adds what a newer look could not read', async () => {
    const store = open();
    const arn = newArn();
    await store.observe(look(arn, 5, [finding(arn, 'a', 5, { status: 'NOT_AVAILABLE' })]));
    const { changes } = await store.observe(look(arn, 3, [finding(arn, 'a', 3)]));
    expect(changes).toMatchObject([
      { kind: 'opened', finding: { status: 'FAILED', lastObservedAt: at(3), unjudged: { since: at(3) } } },
    ]);
    expect(await store.pending(arn)).toEqual(changes);
  });

  test.each<[string, Partial<Observation>, string, string]>([
    ['passes', {}, 'resolved', 'mended'],
    ['is gone', { gone: true, judged: {} }, 'gone', 'gone'],
    ['is of a control that is switched off', { judged: { [CONTROL]: OFF } }, 'unjudged', 'control-off'],
    ['is of a control that does not exist any more', { judged: {} }, 'unjudged', 'control-unknown'],
    [
      'applies no more under the same configuration',
      { judged: { [CONTROL]: NOTHING } },
      'resolved',
      'not-applicable',
    ],
    [
      'applies no more under another configuration',
      { judged: { [CONTROL]: NOTHING }, configuration: 'another' },
      'unjudged',
      'configuration-changed',
    ],
  ])('the end of a finding that %s is told and remembered', async (_, over, kind, how) => {
    const store = open();
    const arn = newArn();
    const first = await store.observe(look(arn, 0, [finding(arn, 'a', 0)]));
    await store.acknowledge(arn, first.changes, []);
    const second = await store.observe({ ...look(arn, 1, []), ...over });
    expect(second.changes.map((change) => change.kind)).toEqual([kind]);
    expect(await store.endings(arn, at(0))).toEqual([]);
    expect(await store.pending(arn)).toEqual(second.changes);
    await store.acknowledge(arn, second.changes, []);
    const ended = { id: finding(arn, 'a', 0).id, at: at(1), how, because: expect.any(String) };
    expect(await store.endings(arn, at(0))).toEqual([ended]);
    expect(await store.endings(arn, at(2))).toEqual([]);
  });

  test('a resource without findings is never mentioned', async () => {
    const { state, changes } = await open().observe(look(newArn(), 0, []));
    expect([state.open, changes]).toEqual([{}, []]);
  });

  test('a change that was not acknowledged comes again, also as resolved', async () => {
    const store = open();
    const arn = newArn();
    await store.observe(look(arn, 0, [finding(arn, 'a', 0), finding(arn, 'b', 0)]));
    const second = await store.observe(look(arn, 1, [finding(arn, 'a', 1)]));
    expect(told(second.changes)).toEqual([
      ['opened', 'a'],
      ['resolved', 'b'],
    ]);
    await store.acknowledge(arn, second.changes.slice(0, 1), []);
    const third = await store.observe(look(arn, 2, [finding(arn, 'a', 2)]));
    expect(third.changes).toEqual([
      { kind: 'resolved', finding: finding(arn, 'b', 0, { status: 'PASSED', lastObservedAt: at(1) }) },
    ]);
  });

  test('a change is undelivered until each sink has accepted it', async () => {
    const store = open();
    const arn = newArn();
    const both = ['One', 'Other'];
    const { changes } = await store.observe(look(arn, 0, [finding(arn, 'a', 0), finding(arn, 'b', 0)]));
    const [first] = changes as [Change];
    await store.acknowledge(arn, [{ ...first, takenBy: ['One'] }], both);
    expect(await store.pending(arn.toUpperCase())).toEqual([{ ...first, takenBy: ['One'] }, changes[1]]);
    await store.observe(look(arn, 1, [finding(arn, 'a', 1), finding(arn, 'b', 1)]));
    await store.acknowledge(arn, [{ ...first, takenBy: ['Other'] }], both);
    expect(told(await store.pending(arn))).toEqual([['opened', 'b']]);
  });

  test('sinks that accepted an earlier form of an opened finding are remembered', async () => {
    const store = open();
    const arn = newArn();
    const { changes } = await store.observe(look(arn, 0, [finding(arn, 'a', 0)]));
    const later = finding(arn, 'a', 1, { evidence: [{ at: '/Steps/1', found: 'x', expected: 'y' }] });
    await store.observe(look(arn, 1, [later]));
    const [sent] = changes as [Change];
    await store.acknowledge(arn, [{ ...sent, takenBy: ['One'] }], ['One', 'Other']);
    expect(await store.pending(arn)).toMatchObject([
      { kind: 'opened', finding: { evidence: later.evidence }, openedTo: ['One'] },
    ]);
  });

  test('an unknown resource has no pending changes', async () => {
    expect(await open().pending(newArn())).toEqual([]);
  });

  test('a finding that was not told for 30 days is told again', async () => {
    const store = open();
    const arn = newArn();
    await store.acknowledge(arn, (await store.observe(look(arn, 0, [finding(arn, 'a', 0)]))).changes, []);
    expect(await store.expire(arn, onDay(29))).toEqual([]);
    expect(told(await store.expire(arn, onDay(30)))).toEqual([['refreshed', 'a']]);
    expect(told(await store.expire(arn, onDay(31)))).toEqual([['refreshed', 'a']]);
    await store.acknowledge(arn, await store.pending(arn), []);
    expect(await store.expire(arn, onDay(59))).toEqual([]);
    expect(told(await store.expire(arn, onDay(60)))).toEqual([['refreshed', 'a']]);
  });

  test('findings of an account that is not watched any more end as not judged, are told once, and open again with it', async () => {
    const store = open();
    const arn = newArn();
    const departure = { why: 'account-unwatched', because: 'the configuration does not name it' } as const;
    await store.depart(arn, departure, at(1));
    expect(await store.pending(arn)).toEqual([]);
    const opened = await store.observe(look(arn, 0, [finding(arn, 'a', 0), finding(arn, 'b', 0)]));
    await store.acknowledge(arn, opened.changes, []);
    await store.depart(arn, departure, at(1));
    const ended = await store.pending(arn);
    expect(told(ended)).toEqual([
      ['unjudged', 'a'],
      ['unjudged', 'b'],
    ]);
    expect(ended[0]?.finding).toMatchObject({
      status: 'NOT_AVAILABLE',
      unjudged: { since: at(1), ...departure },
      lastObservedAt: at(1),
    });
    await store.depart(arn, departure, at(2));
    expect(await store.pending(arn)).toEqual(ended);
    await store.acknowledge(arn, ended, []);
    expect(await store.endings(arn, at(0))).toMatchObject([
      { how: 'account-unwatched' },
      { how: 'account-unwatched' },
    ]);
    await store.depart(arn, departure, at(3));
    expect(await store.pending(arn)).toEqual([]);
    // A look from before says nothing; one from after it opens what it finds.
    expect(told((await store.observe(look(arn, 0, [finding(arn, 'a', 0)]))).changes)).toEqual([]);
    expect(told((await store.observe(look(arn, 4, [finding(arn, 'a', 4)]))).changes)).toEqual([
      ['opened', 'a'],
    ]);
  });

  test('a resource is delivered by one deliverer at a time', async () => {
    const arn = newArn();
    const release = await open().claim(arn, 60_000);
    expect(await open().claim(arn.toLowerCase(), 60_000)).toBeUndefined();
    await release?.();
    const again = await open().claim(arn, -1);
    expect(again).toBeDefined();
    const other = await open().claim(arn, 60_000); // the time of the previous claim is over
    expect(other).toBeDefined();
    await again?.(); // the claim no longer belongs to it
    expect(await open().claim(arn, 60_000)).toBeUndefined();
  });

  test('open and undelivered findings can be listed, with the ARN in its first spelling', async () => {
    const store = open();
    const arns = { open: newArn(), undelivered: newArn(), mended: newArn() };
    for (const arn of Object.values(arns)) {
      const { changes } = await store.observe(look(arn, 0, [finding(arn, 'a', 0)]));
      await store.acknowledge(arn.toLowerCase(), changes, []);
    }
    await store.observe(look(arns.undelivered, 1, []));
    await store.acknowledge(arns.mended, (await store.observe(look(arns.mended, 1, []))).changes, []);
    const listed = new Map<string, [number, number]>();
    for await (const { resourceArn, state } of store.states()) {
      listed.set(resourceArn, [Object.keys(state.open).length, state.undelivered.length]);
    }
    expect([listed.get(arns.open), listed.get(arns.undelivered), listed.get(arns.mended)]).toEqual([
      [1, 0],
      [0, 1],
      undefined,
    ]);
  });

  test('the number of passes is that of the newest look, also beside open findings, but not for a resource that is gone', async () => {
    const store = open();
    const arn = newArn();
    const passes = async (second: number, passed: number, findings: Finding[] = []) => {
      const { changes } = await store.observe({ ...look(arn, second, findings), passed });
      await store.acknowledge(arn, changes, []);
      return [told(changes), await passedOn(store, arn)];
    };
    expect(await passes(1, 7)).toEqual([[], 7]);
    expect(await passes(3, 8)).toEqual([[], 8]);
    expect(await passes(2, 5, [finding(arn, 'late', 2)])).toEqual([[], 8]);
    expect(await passes(4, 6, [finding(arn, 'a', 4)])).toEqual([[['opened', 'a']], 6]);
    expect(await passes(5, 9)).toEqual([[['resolved', 'a']], 9]);
    await store.observe({ ...look(arn, 6, [], true), passed: 0 });
    expect(await passedOn(store, arn)).toBeUndefined();
  });

  test('the number of passes stays while findings are repeated', async () => {
    const store = open();
    const arn = newArn();
    const observed = await store.observe({ ...look(arn, 0, [finding(arn, 'a', 0)]), passed: 3 });
    await store.acknowledge(arn, observed.changes, []);
    expect(told(await store.expire(arn, onDay(31)))).toEqual([['refreshed', 'a']]);
    expect(await passedOn(store, arn)).toBe(3);
  });

  test('an older look changes nothing', async () => {
    const store = open();
    const arn = newArn();
    const { changes } = await store.observe(look(arn, 5, [finding(arn, 'a', 5)]));
    expect((await store.observe(look(arn, 4, []))).changes).toEqual(changes);
  });

  const readAt = (identities: number, organization: number) => ({
    identities: Date.parse(at(identities)),
    organization: Date.parse(at(organization)),
  });

  test('a look with partly older evidence opens nothing that was seen clean', async () => {
    const store = open();
    const arn = newArn();
    await store.observe({ ...look(arn, 10, []), readAt: readAt(10, 0), passed: 3 });
    const other = { ...look(arn, 20, [finding(arn, 'a', 20)]), readAt: readAt(5, 5) };
    expect((await store.observe(other)).changes).toEqual([]);
    expect(told((await store.observe({ ...other, readAt: readAt(10, 10) })).changes)).toEqual([
      ['opened', 'a'],
    ]);
  });

  test('a look with partly older evidence changes nothing, although the rest is newer', async () => {
    const store = open();
    const arn = newArn();
    const first = { ...look(arn, 10, [finding(arn, 'a', 10)]), readAt: readAt(10, 0) };
    const { changes } = await store.observe(first);
    await store.acknowledge(arn, changes, ['one']);
    const pending = await store.pending(arn);
    const other = { ...look(arn, 20, []), readAt: readAt(5, 5) };
    const { state } = await store.observe(other);
    expect([state.observedAt, await store.pending(arn)]).toEqual([at(0), pending]);
    const newer = { ...look(arn, 21, []), readAt: readAt(10, 21) };
    expect(told((await store.observe(newer)).changes)).toEqual([['resolved', 'a']]);
  });

  test('a late look does not reopen what a newer look resolved', async () => {
    const store = open();
    const arn = newArn();
    await store.acknowledge(arn, (await store.observe(look(arn, 0, [finding(arn, 'a', 0)]))).changes, []);
    await store.acknowledge(arn, (await store.observe(look(arn, 7, []))).changes, []);
    expect((await store.observe(look(arn, 6, [finding(arn, 'a', 6)]))).changes).toEqual([]);
    expect(told((await store.observe(look(arn, 8, [finding(arn, 'a', 8)]))).changes)).toEqual([
      ['opened', 'a'],
    ]);
  });

  test('ARNs are compared without letter case', async () => {
    const store = open();
    const arn = newArn();
    const { changes } = await store.observe(look(arn, 0, [finding(arn, 'a', 0)]));
    await store.acknowledge(arn.toUpperCase(), changes, []);
    expect((await store.observe(look(arn.toLowerCase(), 1, [finding(arn, 'a', 1)]))).changes).toEqual([]);
  });

  test('acknowledging an unknown change, or none, does nothing', async () => {
    const store = open();
    const arn = newArn();
    await store.acknowledge(arn, [], []);
    await store.acknowledge(arn, [{ kind: 'opened', finding: finding(arn, 'a', 0) }], []);
    expect(told((await store.observe(look(arn, 0, [finding(arn, 'a', 0)]))).changes)).toEqual([
      ['opened', 'a'],
    ]);
  });

  test('hostile ids are handled like any other', async () => {
    const store = open();
    const arn = newArn();
    const hostile = ['__proto__', 'constructor'].map((id) => finding(arn, id, 0, { id }));
    const first = await store.observe(look(arn, 0, hostile));
    expect(told(first.changes)).toEqual([
      ['opened', '__proto__'],
      ['opened', 'constructor'],
    ]);
    await store.acknowledge(arn, first.changes, []);
    const second = await store.observe(look(arn, 1, []));
    expect(told(second.changes)).toEqual([
      ['resolved', '__proto__'],
      ['resolved', 'constructor'],
    ]);
  });

  test('many findings with long evidence are distinguished by their smallest change', async () => {
    const store = open();
    const arn = newArn();
    const many = (second: number, last: string): Finding[] =>
      Array.from({ length: 900 }, (_, index) =>
        finding(arn, `${index}-${noise(index, 60)}`, second, {
          evidence: [
            { at: '/Steps', found: noise(index, 2000) + (index === 500 ? last : ''), expected: 'x' },
          ],
        }),
      );
    const first = await store.observe(look(arn, 0, many(0, 'x')));
    expect(first.changes).toHaveLength(900);
    await store.acknowledge(arn, first.changes, []);
    expect((await store.observe(look(arn, 1, many(1, 'x')))).changes).toEqual([]);
    const third = await store.observe(look(arn, 2, many(2, 'y')));
    expect(third.changes).toEqual([
      { kind: 'changed', finding: { ...many(2, 'y')[500], firstObservedAt: at(0) } },
    ]);
  });

  test('two auditors at the same time lose and undo nothing', async () => {
    const arn = newArn();
    const stores = [open(), open()];
    const sink = new Map<string, Finding>();
    const audit = async (second: number): Promise<void> => {
      const store = stores[second % 2] as Store;
      const ids = ['a', 'b', 'c'].filter((_, index) => (second >> index) % 2 === 0);
      const { changes } = await store.observe(
        look(
          arn,
          second,
          ids.map((id) => finding(arn, id, second)),
        ),
      );
      // Security Hub ignores updates that are older than what it has.
      for (const { finding } of changes) {
        const has = sink.get(finding.id);
        if (!has || has.lastObservedAt <= finding.lastObservedAt) sink.set(finding.id, finding);
      }
      await store.acknowledge(arn, changes, []);
    };
    const again = async (second: number): Promise<void> => audit(second).catch(() => again(second));

    await Promise.all(Array.from({ length: 9 }, (_, second) => again(second)));
    const last = await open().observe(
      look(arn, 8, [finding(arn, 'a', 8), finding(arn, 'b', 8), finding(arn, 'c', 8)]),
    );
    expect(Object.values(last.state.open).map(({ subject }) => subject)).toEqual(['a', 'b', 'c']);
    await open().acknowledge(arn, last.changes, []);
    for (const { finding } of last.changes) sink.set(finding.id, finding);
    expect([...sink.values()].map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'FAILED']);
    expect((await open().observe(look(arn, 9, Object.values(last.state.open)))).changes).toEqual([]);
  });

  test('simultaneous looks open each finding for all sinks, until one of them has delivered', async () => {
    const store = open();
    const arn = newArn();
    const looks = await Promise.all(
      Array.from({ length: 5 }, () => store.observe(look(arn, 0, [finding(arn, 'a', 0)]))),
    );
    expect(looks.map(({ changes }) => told(changes))).toEqual(Array(5).fill([['opened', 'a']]));
    await Promise.all(looks.map(({ changes }) => store.acknowledge(arn, changes, [])));
    expect((await store.observe(look(arn, 0, [finding(arn, 'a', 0)]))).changes).toEqual([]);
  });

  describe('jobs that are grouped under their pipeline', () => {
    const ofJob = (arn: string, job: string, day: number, over: Partial<Finding> = {}): Observation =>
      anObservation({
        resourceArn: `${arn}/jobs`,
        observedAt: onDay(day),
        expireDays: 30,
        finishedArn: `${arn}/${job}`,
        findings: [
          finding(arn, 'jobs', day, {
            evidence: [{ at: `${job} RoleArn`, found: 'x “é”', expected: 'y' }],
            lastObservedAt: onDay(day),
            firstObservedAt: onDay(day),
            ...over,
          }),
        ],
      });
    const shown = (changes: readonly Change[]) =>
      changes.map(({ kind, finding: { status, evidence } }) => [kind, status, evidence.length]);
    const deliverTo = async (store: Store, observation: Observation) => {
      const { changes } = await store.observe(observation);
      await store.acknowledge(observation.resourceArn, changes, []);
      return shown(changes);
    };

    test('add to one finding, whatever their order, and leave it when they are clean', async () => {
      const store = open();
      const arn = newArn();
      expect(await deliverTo(store, ofJob(arn, 'a', 5))).toEqual([['opened', 'FAILED', 1]]);
      expect(await deliverTo(store, ofJob(arn, 'b', 3))).toEqual([['changed', 'FAILED', 2]]);
      expect(await deliverTo(store, ofJob(arn, 'a', 6))).toEqual([]);
      expect(await deliverTo(store, ofJob(arn, 'c', 6, { status: 'PASSED' }))).toEqual([]);
      const { state } = await store.observe(ofJob(arn, 'd', 4, { status: 'PASSED' }));
      expect(state.open).toEqual({
        [finding(arn, 'jobs', 0).id]: finding(arn, 'jobs', 5, {
          evidence: ['a', 'b'].map((job) => ({ at: `${job} RoleArn`, found: 'x “é”', expected: 'y' })),
          firstObservedAt: onDay(5),
          lastObservedAt: onDay(6),
        }),
      });
      expect(await deliverTo(store, ofJob(arn, 'a', 7, { status: 'PASSED' }))).toEqual([
        ['changed', 'FAILED', 1],
      ]);
      expect(await deliverTo(store, ofJob(arn, 'b', 7, { status: 'PASSED' }))).toEqual([
        ['resolved', 'PASSED', 1],
      ]);
      expect(await deliverTo(store, ofJob(arn, 'b', 6.99))).toEqual([]);
    });

    test('expire, and the end comes until it is acknowledged', async () => {
      const store = open();
      const arn = newArn();
      await deliverTo(store, ofJob(arn, 'a', 0));
      await deliverTo(store, ofJob(arn, 'b', 10));
      expect(await store.expire(`${arn}/jobs`, onDay(29))).toEqual([]);
      expect(shown(await store.expire(`${arn}/jobs`, onDay(30)))).toEqual([['changed', 'FAILED', 1]]);
      const changes = await store.expire(`${arn}/jobs`, onDay(40));
      expect(shown(changes)).toEqual([['expired', 'NOT_AVAILABLE', 1]]);
      expect(await store.expire(`${arn}/jobs`, onDay(41))).toEqual(changes);
      expect((await store.observe(ofJob(arn, 'c', 41, { status: 'PASSED' }))).changes).toEqual(changes);
      await store.acknowledge(`${arn}/jobs`, changes, []);
      expect(await store.expire(`${arn}/jobs`, onDay(42))).toEqual([]);
    });

    test('end with their account', async () => {
      const store = open();
      const arn = newArn();
      await deliverTo(store, ofJob(arn, 'a', 0));
      const departure = { why: 'account-closed', because: 'it is closed' } as const;
      await store.depart(`${arn}/jobs`, departure, onDay(1));
      const ended = await store.pending(`${arn}/jobs`);
      expect(ended).toMatchObject([{ kind: 'unjudged', finding: { unjudged: departure } }]);
      await store.acknowledge(`${arn}/jobs`, ended, []);
      expect(await deliverTo(store, ofJob(arn, 'b', 2))).toEqual([['opened', 'FAILED', 1]]);
    });

    test('are all kept when they come at once', async () => {
      const arn = newArn();
      const stores = [open(), open()];
      for (let first = 0; first < 10; first += 2) {
        await Promise.all(
          stores.map((store, index) => store.observe(ofJob(arn, String(first + index), index))),
        );
      }
      const { state } = await open().observe(ofJob(arn, 'last', 5));
      const [gathered] = Object.values(state.open);
      expect(gathered?.evidence.map(({ at: place }) => place.split(' ')[0]).toSorted()).toEqual([
        ...Array.from({ length: 10 }, (_, index) => String(index)),
        'last',
      ]);
    });

    test('do not expire anything if none is known', async () => {
      expect(await open().expire(newArn(), onDay(0))).toEqual([]);
    });
  });

  test('a job without a pipeline expires', async () => {
    const store = open();
    const arn = newArn();
    const resource = { type: 'job' as const, arn };
    const observation = look(arn, 0, [finding(arn, 'a', 0, { resource })]);
    await store.acknowledge(arn, (await store.observe({ ...observation, expireDays: 2 })).changes, []);
    expect(await store.expire(arn, onDay(1))).toEqual([]);
    expect(told(await store.expire(arn, onDay(3)))).toEqual([['expired', 'a']]);
  });

  test('an execution is recalled with its parameters', async () => {
    const store = open();
    const parameters = JSON.parse('{"Role":"arn:aws:iam::1:role/x","__proto__":"y","":""}');
    const executionArn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud/execution/p4jn9xou8a8s';
    await store.rememberExecution({ executionId: 'p4jn9xou8a8s', executionArn, parameters });
    expect(await store.recallExecution('p4jn9xou8a8s')).toEqual({ executionArn, parameters });
    expect(await store.recallExecution('__proto__')).toBeUndefined();
  });
};

/** Text that does not compress, the same for the same seed. */
const noise = (seed: number, length: number): string => {
  let value = seed + 1;
  return Array.from({ length }, () => {
    value = (value * 48271) % 2147483647;
    return String.fromCharCode(33 + (value % 90));
  }).join('');
};

describe('the store in memory', () => {
  let store: Store;
  beforeAll(() => {
    store = memoryStore();
  });
  contract(() => store);
});

const inTable = (start: () => Promise<{ endpoint: string; stop(): Promise<void> }>) => () => {
  const TABLE = 'findings';
  let emulator: Awaited<ReturnType<typeof start>>;
  const clients: DynamoDBClient[] = [];

  const newClient = (): DynamoDBClient => {
    const client = new DynamoDBClient({
      endpoint: emulator.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    clients.push(client);
    return client;
  };
  const open = (): Store => dynamodbStore({ client: newClient(), table: TABLE });
  const keyOf = (pk: string, sk = 'state') => ({ pk: { S: pk }, sk: { S: sk } });
  const getItem = async (pk: string, sk?: string): Promise<Record<string, AttributeValue> | undefined> =>
    (await newClient().send(new GetItemCommand({ TableName: TABLE, Key: keyOf(pk, sk) }))).Item;
  /** The history of a resource, oldest first. */
  const history = async (arn: string): Promise<Record<string, string | undefined>[]> => {
    const { Items = [] } = await newClient().send(
      new QueryCommand({
        TableName: TABLE,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: {
          ':pk': keyOf(`resource#${arn.toLowerCase()}`).pk,
          ':sk': { S: 'history#' },
        },
      }),
    );
    return Items.map((item) =>
      Object.fromEntries(Object.entries(item).map(([name, value]) => [name, value.S ?? value.N])),
    );
  };
  const putItem = (item: Record<string, AttributeValue>) =>
    newClient().send(new PutItemCommand({ TableName: TABLE, Item: item }));

  beforeAll(async () => {
    emulator = await start();
    await newClient().send(
      new CreateTableCommand({
        TableName: TABLE,
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await emulator?.stop();
  });

  contract(open);

  /** A store, and the commands that it sent. */
  const watched = (now?: () => Date): { store: Store; sent: string[] } => {
    const client = newClient();
    const sent: string[] = [];
    client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(context.commandName ?? '');
        return next(args);
      },
      { step: 'initialize' },
    );
    return { store: dynamodbStore({ client, table: TABLE, ...(now && { now }) }), sent };
  };

  test('a look at what is unknown, with nothing to tell, costs one call and leaves no item', async () => {
    const { store, sent } = watched();
    const arn = newArn();
    await store.observe(look(arn, 0, [finding(arn, 'a', 0, { status: 'PASSED' })]));
    expect(sent).toEqual(['BatchGetItemCommand']);
    expect(await getItem(`resource#${arn.toLowerCase()}`)).toBeUndefined();
  });

  test('the number of passes is one item, which costs one call each time and disappears after eight days without a look', async () => {
    const arn = newArn();
    let today = 0;
    const { store, sent } = watched(() => new Date(onDay(today)));
    const passes = (second: number, passed: number) => store.observe({ ...look(arn, second, []), passed });
    await passes(0, 7);
    await passes(1, 8);
    expect(sent).toEqual(['PutItemCommand', 'PutItemCommand']);
    const item = await getItem(`resource#${arn.toLowerCase()}`);
    expect(item?.expiresAt).toEqual({ N: String(Date.parse(onDay(8)) / 1000) });
    expect(item).not.toHaveProperty('undelivered');
    expect(item).not.toHaveProperty('delivering');
    expect(JSON.stringify(item).length).toBeLessThan(600);
    today = 7;
    expect(await passedOn(store, arn)).toBe(8);
    today = 8;
    expect(await passedOn(store, arn)).toBeUndefined();
  });

  test('a look replaces the number of passes without reading it, and never replaces open findings', async () => {
    const arn = newArn();
    const { store, sent } = watched();
    await store.observe({ ...look(arn, 0, []), passed: 7 });
    await store.observe(look(arn, 1, [finding(arn, 'a', 1)]));
    expect(sent).toEqual(['PutItemCommand', 'PutItemCommand']);
    const { changes } = await store.observe({ ...look(arn, 2, []), passed: 8 });
    expect(told(changes)).toEqual([['resolved', 'a']]);
    expect(sent).toHaveLength(4);
  });

  test('a known resource costs two calls, and expires an hour after all is resolved and delivered', async () => {
    const { store, sent } = watched(() => new Date(0));
    const arn = newArn();
    const pk = `resource#${arn.toLowerCase()}`;
    await store.acknowledge(arn, (await store.observe(look(arn, 0, [finding(arn, 'a', 0)]))).changes, []);
    sent.length = 0;
    const { changes } = await store.observe(look(arn, 1, []));
    expect(sent).toEqual(['BatchGetItemCommand', 'PutItemCommand']);
    expect((await getItem(pk))?.expiresAt).toBeUndefined();
    await store.acknowledge(arn, changes, []);
    expect((await getItem(pk))?.expiresAt).toEqual({ N: '3600' });
    await store.observe(look(arn, 2, [finding(arn, 'a', 2)]));
    expect((await getItem(pk))?.expiresAt).toBeUndefined();
  });

  test('only news wakes the deliverer through the stream', async () => {
    const arn = newArn();
    const store = open();
    const wakes = async () => {
      const { undelivered, delivering } = (await getItem(`resource#${arn.toLowerCase()}`)) ?? {};
      return [undelivered?.N, delivering?.N];
    };
    const { changes } = await store.observe(look(arn, 0, [finding(arn, 'a', 0), finding(arn, 'b', 0)]));
    expect(await wakes()).toEqual(['2', undefined]);
    await store.acknowledge(arn, changes.slice(1), []);
    expect(await wakes()).toEqual([undefined, '1']);
    await store.observe(look(arn, 1, [finding(arn, 'b', 1)]));
    expect(await wakes()).toEqual(['1', undefined]);
    await store.acknowledge(arn, await store.pending(arn), []);
    expect(await wakes()).toEqual([undefined, '0']);
    await store.expire(arn, onDay(31));
    expect(await wakes()).toEqual([undefined, '1']);
  });

  test('each change enters the history once, when the first sink accepts it', async () => {
    const arn = newArn();
    const store = open();
    const sinks = ['One', 'Other'];
    const ack = async (sink: string) => {
      const taken = (await store.pending(arn)).map((change) => ({ ...change, takenBy: [sink] }));
      await store.acknowledge(arn, taken, sinks);
    };
    const evidence = Array.from({ length: 40 }, (_, index) => ({
      at: `/Steps/${index}`,
      found: noise(index, 5000),
      expected: 'x',
    }));
    await store.observe(look(arn, 0, [finding(arn, 'a', 0, { evidence })]));
    await ack('One');
    await ack('One');
    await ack('Other');
    await store.observe(look(arn, 1, []));
    await ack('Other');
    const { id } = finding(arn, 'a', 0);
    const entries = await history(arn);
    const about = {
      pk: `resource#${arn.toLowerCase()}`,
      severity: 'HIGH',
      title: finding(arn, 'a', 0).title,
    };
    expect(entries).toEqual([
      {
        ...about,
        sk: `history#${at(0)}#${id}`,
        kind: 'opened',
        status: 'FAILED',
        evidence: expect.stringContaining('/Steps/19'),
        expiresAt: String(Date.parse(at(0)) / 1000 + 400 * 86_400),
      },
      expect.objectContaining({ ...about, sk: `history#${at(1)}#${id}`, kind: 'resolved', status: 'PASSED' }),
    ]);
    expect(entries[0]?.evidence?.length).toBeLessThan(70_000);
    expect(entries[0]?.evidence).not.toContain('/Steps/20');
  });

  test('a long history is written in parts', async () => {
    const arn = newArn();
    const store = open();
    const many = Array.from({ length: 60 }, (_, index) => finding(arn, `f-${index}`, 0));
    const { changes } = await store.observe(look(arn, 0, many));
    await store.acknowledge(arn, changes, []);
    expect(await history(arn)).toHaveLength(60);
  });

  test('states that cannot be read do not hide the others, and are named at the end', async () => {
    const [arn, bad] = [newArn(), newArn()];
    await open().observe(look(arn, 0, [finding(arn, 'a', 0)]));
    await putItem({ ...keyOf(`resource#${bad.toLowerCase()}`), version: { N: '1' }, state: { S: '{' } });
    const listed: string[] = [];
    const list = async () => {
      for await (const { resourceArn } of open().states()) listed.push(resourceArn);
    };
    await expect(list()).rejects.toThrow(bad.toLowerCase());
    expect(listed).toContain(arn);
    await newClient().send(
      new DeleteItemCommand({ TableName: TABLE, Key: keyOf(`resource#${bad.toLowerCase()}`) }),
    );
  });

  test('grouped findings say when they expire, and are not deleted then', async () => {
    const arn = newArn();
    const observation: Observation = {
      ...look(`${arn}/jobs`, 0, [finding(arn, 'jobs', 0)]),
      expireDays: 30,
      finishedArn: `${arn}/a`,
    };
    await open().observe(observation);
    const item = await getItem(`resource#${arn.toLowerCase()}/jobs`);
    expect(item?.findingsExpireAt).toEqual({ N: String(Date.parse(onDay(30)) / 1000) });
    expect(item).not.toHaveProperty('expiresAt');
  });

  test('grouped findings that are too long to store show fewer jobs, and lose none', async () => {
    const arn = newArn();
    const store = open();
    const ofJob = (job: number): Observation => ({
      ...look(`${arn}/jobs`, job, [
        finding(arn, 'jobs', job, { evidence: [{ at: `${job}`, found: noise(job, 30_000), expected: 'x' }] }),
      ]),
      expireDays: 30,
      finishedArn: `${arn}/${job}`,
    });
    for (let job = 0; job < 14; job++) await store.observe(ofJob(job));
    const { state } = await store.observe(ofJob(14));
    const [gathered] = Object.values(state.open);
    const shown = gathered?.evidence.slice(0, -1) ?? [];
    expect(shown.length).toBeLessThan(14);
    expect(gathered?.evidence.at(-1)?.found).toBe(`${15 - shown.length} more like these`);
  });

  test('an execution is forgotten after 30 days', async () => {
    const store = dynamodbStore({ client: newClient(), table: TABLE, now: () => new Date(0) });
    await store.rememberExecution({ executionId: 'ttl', executionArn: 'arn', parameters: {} });
    expect((await getItem('execution#ttl', 'execution'))?.expiresAt).toEqual({ N: String(30 * 86_400) });
  });

  test('a re-created item is not taken for the deleted one', async () => {
    const store = open();
    const arn = newArn();
    const pk = `resource#${arn.toLowerCase()}`;
    const versions = new Set<string | undefined>();
    for (const second of [0, 1, 2]) {
      await store.observe(look(arn, second, [finding(arn, 'a', second)]));
      versions.add((await getItem(pk))?.version?.N);
      await newClient().send(new DeleteItemCommand({ TableName: TABLE, Key: keyOf(pk) }));
    }
    expect(versions.size).toBe(3);
  });

  test.each<[string, Record<string, AttributeValue>]>([
    ['no state', { version: { N: '1' } }],
    ['no version', { state: { S: '{"observedAt":"2026-11-24T09:00:00Z","open":[],"undelivered":[]}' } }],
    ['no JSON', { version: { N: '1' }, state: { S: '{' } }],
    ['no gzip', { version: { N: '1' }, state: { S: 'gzip:AAAA' } }],
    [
      'times of its evidence that are none',
      {
        version: { N: '1' },
        state: { S: '{"observedAt":"2026-11-24T09:00:00Z","readAt":{"x":"y"},"open":[],"undelivered":[]}' },
      },
    ],
    ['no time', { version: { N: '1' }, state: { S: '{"observedAt":"","open":[],"undelivered":[]}' } }],
    [
      'no findings',
      {
        version: { N: '1' },
        state: { S: '{"observedAt":"2026-11-24T09:00:00Z","open":[{}],"undelivered":[]}' },
      },
    ],
    ...[
      '{}',
      '{"expireDays":30,"entries":[]}',
      '{"expireDays":30,"entries":{"a":[{"key":"k","observedAt":"","status":"FAILED","severity":"LOW"}]}}',
      '{"expireDays":30,"entries":{"a":[{"key":"k","observedAt":"2026-11-24T09:00:00Z","status":"FAILED","severity":"LOW","evidence":{}}]}}',
    ].map((finished): [string, Record<string, AttributeValue>] => [
      `entries that are none: ${finished}`,
      {
        version: { N: '1' },
        state: {
          S: `{"observedAt":"2026-11-24T09:00:00Z","open":[],"undelivered":[],"finished":${finished}}`,
        },
      },
    ]),
    [
      'a change of nothing',
      {
        version: { N: '1' },
        state: {
          S: '{"observedAt":"2026-11-24T09:00:00Z","open":[],"undelivered":[{"kind":"opened","id":"a"}]}',
        },
      },
    ],
  ])('a malformed item is an error that names it, and stays as it is: %s', async (_, attributes) => {
    const arn = newArn();
    const item = { ...attributes, ...keyOf(`resource#${arn.toLowerCase()}`) };
    await putItem(item);
    const message = `the item resource#${arn.toLowerCase()} of the findings table is malformed`;
    await expect(open().observe(look(arn, 0, []))).rejects.toThrow(message);
    await expect(
      open().acknowledge(arn, [{ kind: 'opened', finding: finding(arn, 'a', 0) }], []),
    ).rejects.toThrow(message);
    expect(await getItem(item.pk.S)).toEqual(item);
  });

  test('state from an earlier version is read, and none of its ends is told as mended', async () => {
    const arn = newArn();
    const [passed, gone, moved] = ['passed', 'gone', 'moved'].map((id) => finding(arn, id, 0));
    if (!passed || !gone || !moved) throw new Error('three');
    const undelivered = [
      { kind: 'resolved', finding: { ...passed, status: 'PASSED' } },
      { kind: 'resolved', finding: { ...gone, status: 'NOT_AVAILABLE' } },
      {
        kind: 'resolved',
        takenBy: ['One'],
        finding: { ...moved, status: 'NOT_AVAILABLE', resource: { type: 'job', arn } },
      },
      { kind: 'opened', id: finding(arn, 'open', 0).id },
    ];
    const open0 = [finding(arn, 'open', 0)];
    await putItem({
      ...keyOf(`resource#${arn.toLowerCase()}`),
      version: { N: '7' },
      arn: { S: arn },
      undelivered: { N: '4' },
      state: { S: JSON.stringify({ observedAt: at(0), toldAt: at(0), open: open0, undelivered }) },
    });
    const store = open();
    expect(
      (await store.pending(arn)).map(({ kind, takenBy, finding: { status, unjudged } }) => [
        kind,
        status,
        takenBy,
        unjudged?.why,
      ]),
    ).toEqual([
      ['unjudged', 'NOT_AVAILABLE', undefined, 'not-known'],
      ['gone', 'NOT_AVAILABLE', undefined, undefined],
      ['gathered', 'NOT_AVAILABLE', ['One'], undefined],
      ['opened', 'FAILED', undefined, undefined],
    ]);
    const nothing = { ...look(arn, 1, []), judged: { [CONTROL]: NOTHING } };
    const { changes } = await store.observe(nothing);
    expect(changes.filter(({ finding: { subject } }) => subject === 'open')).toMatchObject([
      { kind: 'unjudged', finding: { unjudged: { why: 'not-known' } } },
    ]);
  });

  test('a malformed execution is an error', async () => {
    await putItem({
      ...keyOf('execution#bad', 'execution'),
      state: { S: '{"executionArn":"a","parameters":{"a":1}}' },
    });
    await expect(open().recallExecution('bad')).rejects.toThrow('execution#bad');
  });

  test('more findings than an item can hold are an error, and what was stored stays', async () => {
    const store = open();
    const arn = newArn();
    await store.observe(look(arn, 0, [finding(arn, 'a', 0)]));
    const tooMany = Array.from({ length: 6000 }, (_, index) =>
      finding(arn, `${index}${noise(index, 100)}`, 1),
    );
    await expect(store.observe(look(arn, 1, tooMany))).rejects.toThrow('6000 open findings');
    expect(told((await store.observe(look(arn, 2, [finding(arn, 'a', 2)]))).changes)).toEqual([
      ['opened', 'a'],
    ]);
  });

  test('a failing table is an error, not an empty state', async () => {
    const store = dynamodbStore({ client: newClient(), table: 'missing' });
    await expect(store.observe(look(newArn(), 0, []))).rejects.toThrow();
  });
};

describeWith('moto', 'the store in moto', inTable(startMoto));
// DynamoDB Local, AWS's own emulator, checks conditions and sizes as the service does.
describeWith('DynamoDB Local', 'the store in DynamoDB Local', inTable(startDynamodbLocal));
