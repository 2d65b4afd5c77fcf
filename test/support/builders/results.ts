import { type Finding, SEVERITIES, STATUSES } from '../../../shared/domain/finding.ts';
import { RESOURCE_TYPES } from '../../../shared/domain/resource.ts';
import { type Results, toResults } from '../../../shared/outputs/formats/results.ts';
import { aFinding } from './finding.ts';

/** Results of a run in account 111122223333 (or of files, if the account is empty), with everything listed. */
export const resultsWith = (findings: readonly Finding[], account = '111122223333'): Results =>
  toResults({
    findings,
    generatedAt: '2026-11-24T03:44:05.123Z',
    account,
    region: account === '' ? '' : 'eu-west-1',
    all: true,
  });

const MARKUP = [
  '](https://evil.example) [x](javascript:alert(1))',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '@octocat #1 https://evil.example www.evil.example a@evil.example',
  '`` `code` ``` ~~~\n# heading\n- list\n> quote\n| a | b |',
  '\\`\\| {0} {{1}} ${x} &amp; &#64; &lt; ]]> --> <!-- <?xml',
];
const FORMULAS = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  ' "=1',
  "'=1",
  '"",=1',
  '＝1',
  '\ufeff=1',
];
const CHARACTERS = [
  '',
  ' ',
  '\u0000',
  '\u202Egnp.exe',
  '\uD800',
  '\uDC00',
  '\uFFFF',
  '\u2028',
  '\u001B[31m',
  '漢😀é',
  '__proto__',
];

/** Names that a format could take for its own markup. */
export const HOSTILE: readonly string[] = [...MARKUP, ...FORMULAS, ...CHARACTERS];

/** A finding with the same text wherever text comes from outside. */
export const sayingEverywhere = (text: string): Finding =>
  aFinding({
    id: `pipewarden/step-isolation/${Buffer.from(text, 'utf16le').toString('hex')}`,
    title: text,
    subject: text,
    principal: text,
    resource: { type: 'event', arn: text },
    evidence: [{ at: text, found: text, expected: text }],
    remediation: { text, patch: text },
    trigger: { eventId: text, eventName: text, eventTime: text },
  });

/** Findings with every status, severity, type of resource and hostile name, with and without a suppression. */
export const everyFinding = (): Finding[] => {
  const made: Finding[] = [
    ...STATUSES.map((status) => aFinding({ status })),
    ...SEVERITIES.map((severity) =>
      aFinding({ severity, suppression: { reason: 'known', expires: '2026-12-31' } }),
    ),
    ...RESOURCE_TYPES.map((type) =>
      aFinding({ resource: { type, arn: `arn:aws:iam::111122223333:role/${type}` } }),
    ),
    aFinding({ control: 'of-another-version', subject: 'Train', evidence: [] }),
    ...HOSTILE.map(sayingEverywhere),
    ...HOSTILE.map((reason) => aFinding({ suppression: { reason, expires: reason } })),
  ];
  return made.map((finding, index) => ({ ...finding, id: `pipewarden/${finding.control}/${index}` }));
};
