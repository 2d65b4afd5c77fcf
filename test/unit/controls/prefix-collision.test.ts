import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { NamedTeam, Prefix } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/prefix-collision.ts';
import { controlCases, type ExpectedFinding, verdictsOf } from '../../support/builders/control-cases.ts';

const role = (name: string) => `arn:aws:iam::*:role/${name}`;
const of = (prefix: string, team?: string): Prefix => ({ prefix, ...(team && { roles: [role(team)] }) });
const inPipelines = (prefix: string, ...pipelines: string[]): Prefix => ({ prefix, pipelines });

const told = (index: number, prefix: string, ...found: string[]): ExpectedFinding => ({
  subject: prefix,
  evidence: found.map((text) => [`prefixes[${index}].prefix`, text]),
  expected: 'a prefix that begins no other team’s',
  remedy: `Give the team of ${prefix} a prefix that begins no other`,
});

describe(control.id, () => {
  controlCases<{ prefixes: Prefix[]; teams?: NamedTeam[] }>(control, {
    given: (config) => ({ facts: {}, config }),
    passes: {
      'prefixes of which none begins another': { prefixes: [of('ml-core', 'core'), of('ml-fraud', 'fraud')] },
      'a beginning without the dash': { prefixes: [of('ml', 'core'), of('mlops', 'ops')] },
      'the same roles, in any order': {
        prefixes: [
          { prefix: 'ml', roles: [role('a'), role('b')] },
          { prefix: 'ml-fraud', roles: [role('b'), role('a'), role('a')] },
        ],
      },
      'the same pipelines, though only one names roles': {
        prefixes: [inPipelines('ml', 'ml-*'), { ...of('ml-fraud', 'fraud'), pipelines: ['ml-*'] }],
      },
      'prefixes of one team of the configuration, for other roles each': {
        prefixes: [of('ml', 'core'), of('ml-fraud', 'fraud')],
        teams: [{ name: 'ml', prefixes: ['ml'] }],
      },
      'prefixes that are everyone’s': { prefixes: [of('ml'), of('ml-fraud')] },
      'a prefix for two step types': {
        prefixes: [
          { ...of('ml', 'core'), stepTypes: ['Training'] },
          { ...of('ml', 'core'), stepTypes: ['Tuning'] },
        ],
      },
    },
    fails: {
      'the prefix of one team begins another’s': {
        prefixes: [of('ml-fraud', 'fraud'), of('ml', 'core')],
        told: told(
          1,
          'ml',
          `ml (roles ${role('core')}) begins ml-fraud (roles ${role('fraud')}), prefixes[0]`,
        ),
      },
      'prefixes of two teams of the configuration, though neither lists roles': {
        prefixes: [of('ml'), of('ml-fraud')],
        teams: [
          { name: 'risk', prefixes: ['ml-fraud'] },
          { name: 'ml', prefixes: ['ml'] },
        ],
        told: told(0, 'ml', 'ml (team ml) begins ml-fraud (team risk), prefixes[1]'),
      },
      'everyone’s prefix begins a team’s': {
        prefixes: [of('ml'), of('ml-fraud', 'fraud')],
        told: told(0, 'ml', 'ml (everyone) begins ml-fraud'),
      },
      'a team’s prefix begins everyone’s': {
        prefixes: [of('ml', 'core'), of('ml-fraud')],
        told: told(0, 'ml', 'begins ml-fraud (everyone), prefixes[1]'),
      },
      'other pipelines': {
        prefixes: [inPipelines('ml', 'a-*', 'b-*'), inPipelines('ml-fraud', 'a-*')],
        told: told(0, 'ml', 'ml (pipelines a-*, b-*) begins ml-fraud (pipelines a-*)'),
      },
      'roles and pipelines': {
        prefixes: [{ ...of('ml', 'core'), pipelines: ['a-*'] }, of('ml-fraud', 'fraud')],
        told: told(0, 'ml', `ml (roles ${role('core')}; pipelines a-*) begins`),
      },
      'several, one finding for the one at fault': {
        prefixes: [of('ml', 'core'), of('ml-a', 'a'), of('ml-b', 'b')],
        told: told(0, 'ml', 'begins ml-a', 'begins ml-b'),
      },
      'a chain, each for itself': {
        prefixes: [of('ml', 'core'), of('ml-a', 'a'), of('ml-a-b', 'b')],
        told: [told(0, 'ml', 'begins ml-a (', 'begins ml-a-b ('), told(1, 'ml-a', 'begins ml-a-b')],
      },
      'the same prefix for two teams, said once': {
        prefixes: [of('ml', 'core'), of('ml', 'fraud')],
        told: told(0, 'ml', `begins ml (roles ${role('fraud')}), prefixes[1]`),
      },
    },
    isSilent: { 'no prefixes at all': { prefixes: [] } },
  });

  test('fails exactly if two teams could use the same name', () => {
    const team = fc.constantFrom(undefined, 'a', 'b');
    const entry = fc.tuple(fc.constantFrom('x', 'x-y', 'xy', 'x-y-z'), team);
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), (entries) => {
        const prefixes = entries.map(([prefix, name]) => of(prefix, name));
        const isShared = entries.some(([one, owner]) =>
          entries.some(([other, another]) => owner !== another && `${other}-job`.startsWith(`${one}-`)),
        );
        const verdicts = verdictsOf(control, { facts: {}, config: { prefixes } });
        expect(verdicts.some(({ status }) => status === 'FAILED')).toBe(isShared);
      }),
    );
  });
});
