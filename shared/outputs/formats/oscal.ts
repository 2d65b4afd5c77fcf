import { createHash } from 'node:crypto';
import type { Finding } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import { isDefinite } from '../../domain/status.ts';
import { judgedIn } from '../../findings/run-looks.ts';
import { nameInRun } from '../../findings/run-places.ts';
import { counted } from '../../text/counted.ts';
import { code, plain } from '../../text/markdown-text.ts';
import { field } from '../../text/one-line.ts';
import { toJsonText } from '../../text/strict-json.ts';
import type { Results } from './results.ts';

export type OscalContext = {
  /** All controls, with the requirements for which each is evidence. */
  controls: readonly { id: string; requirements: readonly string[] }[];
  version: string;
  /** For results of a period in place of a run: from when to when they are, where their plan is, and what they say first. */
  period?: { begin: string; end: string; plan: string; description: string };
};

const NAMESPACE = 'urn:pipewarden:oscal';

/**
 * The results as assessment results of the Open Security Controls Assessment Language 1.2: an observation and a finding
 * for each verdict, with requirements of NIST 800-53 under the ids of NIST’s catalogue
 * (https://pages.nist.gov/OSCAL/resources/concepts/layer/assessment/assessment-results/).
 */
export const toOscal = (results: Results, context: OscalContext): string => {
  const { findings, generatedAt, account, region } = results;
  const run = [account, region, generatedAt];
  const plan = uuidOf('plan', ...run);
  const resources = [...new Map(findings.map((finding) => [keyOf(finding), finding])).values()];
  const accounts = new Set(results.scopes?.map((each) => each.account)).size;
  const whose = accounts > 1 ? counted(accounts, 'account') : `account ${plain(account)}`;
  const judged = findings.filter(({ status }) => status !== 'NOT_APPLICABLE');
  const document = {
    'assessment-results': {
      uuid: uuidOf('document', ...run),
      metadata: oscalMetadata(generatedAt, context.version),
      'import-ap': { href: context.period?.plan ?? `#${plan}` },
      results: [
        {
          uuid: uuidOf('result', ...run),
          title: `Audit of ${account ? `${whose} in ${plain(region)}` : 'pipeline definitions'}`,
          description:
            context.period?.description ??
            Object.entries(results.summary)
              .map(([name, count]) => `${name}: ${count}`)
              .join(', '),
          start: context.period?.begin ?? generatedAt,
          end: context.period?.end ?? generatedAt,
          ...(resources.length > 0 && {
            'local-definitions': { 'inventory-items': resources.map(inventoryItem) },
          }),
          'reviewed-controls': reviewedControls(results, context),
          ...(findings.length > 0 && { observations: findings.map((finding) => observationOf(finding)) }),
          ...(judged.length > 0 && { findings: judged.map((finding) => findingOf(finding)) }),
        },
      ],
      ...(!context.period && {
        'back-matter': {
          resources: [{ uuid: plan, title: 'Assessment plan', description: 'The controls of Pipewarden.' }],
        },
      }),
    },
  };
  return `${toJsonText(document, 2)}\n`;
};

/** The head of a document of OSCAL. */
export const oscalMetadata = (modified: string, version: string): object => ({
  title: 'Pipewarden: Amazon SageMaker Pipelines',
  'last-modified': modified,
  version,
  'oscal-version': '1.2.1',
});

/** The controls that judged something. One that is switched off, or could not tell anything, reviewed nothing. */
export const reviewedControls = (
  { findings, looks }: Pick<Results, 'findings' | 'looks'>,
  { controls }: Pick<OscalContext, 'controls'>,
): object => {
  const judging = new Set([
    ...findings.filter(({ status }) => isDefinite(status)).map(({ control }) => control),
    ...(looks ? judgedIn(looks) : []),
  ]);
  const idsOf = (of: OscalContext['controls']): object[] =>
    [...new Set(of.flatMap(({ id, requirements }) => [id, ...requirements.flatMap(nistControl)]))]
      .toSorted()
      .map((id) => ({ 'control-id': id }));
  const known = new Set(controls.map(({ id }) => id));
  const others = [...judging].filter((id) => !known.has(id)).map((id) => ({ id, requirements: [] }));
  return {
    'control-selections': [
      judging.size === 0
        ? // A selection must include something, so that this one excludes everything again.
          {
            description: 'No control could judge anything.',
            'include-all': {},
            'exclude-controls': idsOf(controls),
          }
        : { 'include-controls': idsOf([...controls.filter(({ id }) => judging.has(id)), ...others]) },
    ],
  };
};

/** “NIST 800-53 AC-6(3)” has the id ac-6.3 in NIST’s catalogue. The other standards have no catalogue in OSCAL. */
const nistControl = (requirement: string): string[] => {
  const [, id = '', enhancement] = /^NIST 800-53 ([A-Z]{2}-\d+)(?:\((\d+)\))?$/.exec(requirement) ?? [];
  return id === '' ? [] : [id.toLowerCase() + (enhancement === undefined ? '' : `.${enhancement}`)];
};

type About = Pick<Finding, 'account' | 'resource'>;

const keyOf = ({ account, resource: { type, arn } }: About): string =>
  JSON.stringify([type, nameInRun(arn, account)]);

const itemUuid = (about: About): string => uuidOf('resource', keyOf(about));

const inventoryItem = (about: About): object => {
  const { account, resource } = about;
  return {
    uuid: itemUuid(about),
    description: `${resource.type} ${code(resourceName(resource.arn))}`,
    props: [
      { name: 'asset-id', value: line(resource.arn) },
      property('resource-type', resource.type),
      ...(account === undefined ? [] : [property('account', account)]),
    ],
  };
};

const observationOf = (finding: Finding): object => {
  const { title, evidence, lastObservedAt } = finding;
  return {
    uuid: uuidOf('observation', finding.id),
    title: plain(line(title)),
    description: descriptionOf(finding),
    props: propertiesOf(finding),
    methods: ['TEST'],
    types: ['finding'],
    subjects: [{ 'subject-uuid': itemUuid(finding), type: 'inventory-item' }],
    ...(evidence.length > 0 && {
      'relevant-evidence': evidence.map(({ at, found, expected }) => ({
        description: `${code(at)}: found ${code(found)}, expected ${code(expected)}`,
      })),
    }),
    collected: lastObservedAt,
  };
};

const findingOf = (finding: Finding): object => {
  const { control, status, title, remediation, suppression } = finding;
  const isSatisfied = status === 'PASSED';
  const reason = isSatisfied ? 'pass' : status === 'NOT_AVAILABLE' ? 'other' : 'fail';
  const remarks = suppression && `Suppressed until ${code(suppression.expires)}: ${code(suppression.reason)}`;
  return {
    uuid: uuidOf('finding', finding.id),
    title: plain(line(title)),
    description: descriptionOf(finding),
    props: propertiesOf(finding),
    target: {
      type: 'objective-id',
      'target-id': control,
      status: { state: isSatisfied ? 'satisfied' : 'not-satisfied', reason, ...(remarks && { remarks }) },
    },
    'related-observations': [{ 'observation-uuid': uuidOf('observation', finding.id) }],
    ...(remediation.text.trim() !== '' && { remarks: `Remedy: ${code(remediation.text)}` }),
  };
};

const descriptionOf = ({ control, status, resource, subject }: Finding): string =>
  `${control} is ${status} for ${resource.type} ${code(resource.arn)}${subject === undefined ? '' : ` › ${code(subject)}`}`;

const propertiesOf = ({ id, control, status, severity, account, subject, principal }: Finding): object[] =>
  Object.entries({ 'finding-id': id, control, status, severity, account, subject, principal }).flatMap(
    ([name, value]) => (value === undefined ? [] : [property(name, value)]),
  );

const property = (name: string, value: string): object => ({ name, ns: NAMESPACE, value: line(value) });

/** OSCAL’s strings begin and end with a visible character and contain no line ends. */
const line = (text: string): string => field(text, 2048).trim();

/** An identifier that is the same in every run, in the form of a version 5 UUID (RFC 9562), which OSCAL requires. */
export const uuidOf = (...parts: readonly string[]): string => {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
