import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ContextValue } from '../../../../shared/iam/decide/context.ts';
import { type Decision, decide } from '../../../../shared/iam/decide/decide.ts';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { indexPolicies } from '../../../../shared/iam/decide/policy-index.ts';
import type { PolicyKind } from '../../../../shared/iam/policy/policy.ts';
import { readPolicy } from '../../../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../../../shared/json/json.ts';
import {
  ACCOUNT,
  type Asked,
  documentOf,
  JOB,
  OBJECT,
  OTHER,
  ROLE,
  requestOf,
  SESSION,
  USER,
} from '../../../support/builders/asking.ts';

type Statement = Record<string, Json>;

const FEDERATED = `arn:aws:sts::${ACCOUNT}:federated-user/bob`;
const KEYS = ['aws:PrincipalTag/team', 'aws:TagKeys', 'aws:ResourceOrgID', 'aws:PrincipalOrgID'];

const actions = fc.constantFrom('s3:GetObject', 's3:PutObject', 'sagemaker:CreateTrainingJob', 'kms:Decrypt');
const patterns = fc.constantFrom('*', 's3:*', 's3:Get*', 'sagemaker:CreateTrainingJob', 'kms:?ecrypt');
const resources = fc.constantFrom(
  OBJECT,
  JOB,
  'arn:aws:iam::aws:policy/ReadOnlyAccess',
  `arn:aws:kms:eu-west-1:${OTHER}:key/k`,
  '*',
);
const resourcePatterns = fc.constantFrom(
  '*',
  'arn:aws:s3:::acme-*',
  'arn:aws:*:*:*:*',
  `arn:*:*:*:${OTHER}:*`,
);
const principals = fc.constantFrom(ROLE, USER, SESSION, FEDERATED, ACCOUNT, '*', 'sagemaker.amazonaws.com');
const conditions = fc
  .tuple(
    fc.constantFrom(
      'StringEquals',
      'StringNotLike',
      'ForAnyValue:StringLike',
      'ForAllValues:StringEquals',
      'Null',
    ),
    fc.constantFrom(...KEYS),
    fc.constantFrom('true', 'a', 'a*', ''),
  )
  .map(([operator, key, value]): Json => ({ [operator]: { [key]: operator === 'Null' ? 'true' : value } }));
const principalElements = fc.constantFrom<Json>(
  '*',
  { AWS: ACCOUNT },
  { AWS: [ROLE, USER] },
  { AWS: SESSION },
);

const statements = (isAboutWho: boolean): fc.Arbitrary<Statement> =>
  fc
    .record(
      {
        Effect: fc.constantFrom('Allow', 'Deny'),
        what: fc.tuple(fc.constantFrom('Action', 'NotAction'), patterns),
        where: fc.tuple(fc.constantFrom('Resource', 'NotResource'), resourcePatterns),
        Condition: conditions,
        Principal: principalElements,
      },
      { requiredKeys: ['Effect', 'what', 'where', 'Principal'] },
    )
    .map(({ Effect, what, where, Condition, Principal }) => ({
      Effect,
      [what[0]]: what[1],
      [where[0]]: where[1],
      ...(Condition !== undefined && { Condition }),
      ...(isAboutWho && { Principal }),
    }));

/** The documents of each layer, as lists of statements. */
type Documents = Partial<Record<keyof typeof KINDS, Statement[]>>;
const KINDS = {
  identity: 'identity',
  boundary: 'boundary',
  session: 'session',
  resource: 'resource',
  endpoint: 'endpoint',
  scp: 'scp',
  rcp: 'rcp',
} satisfies Record<string, PolicyKind>;
const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

const documents: fc.Arbitrary<Documents> = fc.record(
  Object.fromEntries(
    NAMES.map((name) => [
      name,
      fc.array(statements(['resource', 'endpoint', 'rcp'].includes(name)), { minLength: 1, maxLength: 3 }),
    ]),
  ) as Record<keyof typeof KINDS, fc.Arbitrary<Statement[]>>,
  { requiredKeys: [] },
);

const contexts: fc.Arbitrary<Record<string, ContextValue>> = fc.dictionary(
  fc.constantFrom(...KEYS),
  fc.constantFrom<ContextValue>(null, 'a', 'ab', '', ['a', 'b']),
);

const asked: fc.Arbitrary<Asked> = fc
  .record(
    {
      principal: principals,
      action: actions,
      resource: resources,
      resourceAccount: fc.constantFrom(ACCOUNT, OTHER),
      context: contexts,
      others: fc.constantFrom<'absent' | 'unknown'>('absent', 'unknown'),
    },
    { requiredKeys: ['principal', 'action', 'resource', 'context', 'others'] },
  )
  .map((each) => each as Asked);

const index = (kind: PolicyKind, list: Statement[]) =>
  indexPolicies([readPolicy(documentOf(...list), { name: kind, kind })]);

const policiesOf = ({ scp, rcp, ...documents }: Documents): Policies => ({
  ...Object.fromEntries(
    Object.entries(documents).map(([name, list]) => [name, index(KINDS[name as keyof typeof KINDS], list)]),
  ),
  ...(scp && { scps: [index('scp', scp)] }),
  ...(rcp && { rcps: [index('rcp', rcp)] }),
});

const decided = (of: Documents, request: Asked): Decision => decide(policiesOf(of), requestOf(request));
const isDeny = (decision: Decision): boolean => decision.endsWith('Deny');

/** The text with some letters in upper case, chosen by the bits. */
const inCase = (text: string, bits: number): string =>
  Array.from(text, (letter, at) =>
    (bits >> (at % 30)) & 1 ? letter.toUpperCase() : letter.toLowerCase(),
  ).join('');

test('an action is decided alike in any letter case', () => {
  fc.assert(
    fc.property(documents, asked, fc.nat(), (of, request, bits) => {
      const { action = '' } = request;
      expect(decided(of, { ...request, action: inCase(action, bits) })).toBe(decided(of, request));
    }),
  );
});

test('a context key is decided alike in any letter case', () => {
  fc.assert(
    fc.property(documents, asked, fc.nat(), (of, request, bits) => {
      const context = Object.fromEntries(
        Object.entries(request.context ?? {}).map(([key, value]) => [inCase(key, bits), value]),
      );
      expect(decided(of, { ...request, context })).toBe(decided(of, request));
    }),
  );
});

test('another Deny, wherever it is put, allows nothing that was not allowed before', () => {
  fc.assert(
    fc.property(
      documents,
      asked,
      fc.constantFrom(...NAMES),
      statements(true),
      (of, request, name, { Principal = '*', ...rest }) => {
        const list = of[name];
        if (!list) return;
        const isAboutWho = ['resource', 'endpoint', 'rcp'].includes(name);
        const deny = { ...rest, Effect: 'Deny', ...(isAboutWho && { Principal }) };
        const before = decided(of, request);
        const after = decided({ ...of, [name]: [...list, deny] }, request);
        if (isDeny(before)) expect(after).toMatch(/Deny$/);
        if (before === 'Unknown') expect(after).not.toBe('Allow');
      },
    ),
  );
});

test('a repeated statement changes no decision', () => {
  fc.assert(
    fc.property(documents, asked, fc.constantFrom(...NAMES), (of, request, name) => {
      const list = of[name] ?? [];
      if (list.length > 0)
        expect(decided({ ...of, [name]: [...list, ...list] }, request)).toBe(decided(of, request));
    }),
  );
});

test('nothing of another partition is ever allowed', () => {
  fc.assert(
    fc.property(
      documents,
      asked.filter(({ principal, resource }) => principal !== '*' && resource !== '*'),
      fc.constantFrom('aws-cn', 'aws-us-gov', 'aws-iso', 'x'),
      (of, request, partition) => {
        const { principal = '', resource = '' } = request;
        if (principal.startsWith('sagemaker')) return;
        const elsewhere = resource.replace('arn:aws:', `arn:${partition}:`);
        expect(decided(of, { ...request, resource: elsewhere })).toMatch(/Deny$/);
      },
    ),
  );
});

test('stating more about a request changes only Unknown decisions', () => {
  fc.assert(
    fc.property(documents, asked, contexts, (of, request, more) => {
      // A tag of a principal has one value: decisions on a tag that is not known rest on that.
      if (Object.entries(more).some(([key, value]) => /^aws:PrincipalTag/i.test(key) && Array.isArray(value)))
        return;
      const before = decided(of, { ...request, others: 'unknown' });
      const after = decided(of, { ...request, others: 'unknown', context: { ...more, ...request.context } });
      if (before === 'Allow') expect(after).toBe('Allow');
      if (isDeny(before)) expect(after).toMatch(/Deny$/);
    }),
  );
});

test('a federated user may do nothing without a session policy and a grant of the resource', () => {
  fc.assert(
    fc.property(documents, asked, ({ session: _, resource: __, ...of }, request) => {
      if (request.action === 'kms:Decrypt') return; // a key's policy that is not given may grant it
      expect(decided(of, { ...request, principal: FEDERATED })).toMatch(/Deny$/);
    }),
  );
});
