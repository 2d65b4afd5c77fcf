import { letsInEverybody, writtenFromOutside } from '../concerns/writing-inputs.ts';
import type { Evidence } from '../domain/finding.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { askersText } from '../judging/needs-verdict.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { remembered } from '../memo.ts';
import type { RoleNeed, RoleUses, Roster } from '../needs/roster.ts';
import { listed } from '../text/listed.ts';

export const control = defineControl({
  id: 'pipeline-inputs-protected',
  system: 'Execution roles',
  title: 'Nobody outside the account may write what JsonGet reads, code of steps, or the data of models',
  severity: 'HIGH',
  on: ['role'],
  requires: ['principal', 'uses', 'roster', 'resourcePolicies'],
  hangsOn: ['execution role', 'step role'],
  evaluate: ({ principal, uses, roster, resourcePolicies }, _config, shared) => {
    const { arn } = principal.identity.principal;
    // Several roles may read from a bucket, and its policy is one cause: the first role in the order of ARNs tells it.
    const told = [...inputsIn(roster)].filter(([, { reader }]) => reader === arn);
    const untold = untoldFiles(uses);
    if (told.length + untold.length === 0)
      return doesNotApply('no file, code or model that pipelines read is told of this role');

    const concerns = told.flatMap(([bucket, { objects }]) => {
      const policy = resourcePolicies.buckets.get(bucket);
      return policy ? writtenFromOutside(bucket, [...objects], policy, principal, shared) : [];
    });
    const unread = told.flatMap(([bucket]) => resourcePolicies.buckets.get(bucket)?.unreadable ?? []);
    const [lost, ...others] = [...unread.slice(0, 1).map(unreadPolicy), ...untold];
    if (concerns.length === 0 && lost)
      return [
        {
          status: 'NOT_AVAILABLE',
          severity: 'LOW',
          evidence: [lost, ...others],
          remediation: {
            text:
              unread.length > 0
                ? 'See to it that the policies of these buckets can be read, and audit again.'
                : 'Give the parameters that the place hangs on a default, or see by hand that nobody outside the account may write the file.',
          },
        },
      ];
    const isForEverybody = told.some(([bucket]) => letsInEverybody(resourcePolicies.buckets.get(bucket)));
    const verdict = verdictOn(concerns, {
      otherwise: 'see what the requests carry for the keys of that condition',
      breach: (evidence) => ({
        status: 'FAILED',
        // Whoever names an account has meant it, though perhaps not what it may decide here.
        ...(!isForEverybody && { severity: 'MEDIUM' }),
        evidence,
        remediation: {
          text: `Let other accounts read, not write, in the policies of ${listed(told.map(([bucket]) => bucket))}; what they deliver belongs into a bucket of its own.`,
        },
      }),
    });
    return [verdict];
  },
});

const unreadPolicy = ({ name, problems }: Policy): Evidence => ({
  at: name,
  found: problems[0]?.message ?? 'it cannot be read',
  expected: 'a policy that can be read',
});

/** A person looks at a few of them. */
const MAX_UNTOLD = 20;

/** Files in buckets that only a run tells, whose policies nobody can look at. */
const untoldFiles = ({ untold }: RoleUses): Evidence[] =>
  untold
    .filter(({ kind }) => kind !== 'pass-role')
    .slice(0, MAX_UNTOLD)
    .map(({ kind, need, askers, count }) => ({
      at: 'definition',
      found: `only a run tells which file it is (${need.resource}), for ${kind === 'json-get' ? 'the JsonGet' : 'the code or model'} of ${askersText(askers, count)}`,
      expected: 'a file whose bucket the definition tells',
    }));

/** Files of JsonGet, which decide what a pipeline does next, code, and models, which are code too. */
const isInput = ({ kind, need }: RoleNeed): boolean =>
  need.action === 's3:GetObject' && (kind === 'json-get' || need.isCode === true);

const bucketOf = (resource: string): string | undefined => /^arn:[^:]*:s3:::([^/*?]+)\//.exec(resource)?.[1];

/** For each bucket all inputs in it, and the first role, in the order of ARNs, that reads one; found once for all roles. */
const inputsIn = remembered(({ roles }: Roster) => {
  const found = new Map<string, { reader: string; objects: Set<string> }>();
  const inOrder = [...roles.values()].toSorted((one, other) => (one.roleArn < other.roleArn ? -1 : 1));
  for (const { roleArn, needs } of inOrder)
    for (const { need } of needs.filter(isInput)) {
      const bucket = bucketOf(need.resource);
      if (bucket === undefined) continue;
      const known = found.get(bucket) ?? { reader: roleArn, objects: new Set() };
      known.objects.add(need.resource);
      found.set(bucket, known);
    }
  return found;
});
