import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../../shared/domain/finding.ts';
import type { RunLooks } from '../../../../shared/findings/run-looks.ts';
import { toOscal } from '../../../../shared/outputs/formats/oscal.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { resultsWith } from '../../../support/builders/results.ts';

const controls = ['judged', 'passing', 'unread', 'off'].map((id) => ({
  id,
  requirements: [`NIST 800-53 AC-${id.length}`],
}));

const selectionOf = (findings: Finding[], looks?: RunLooks) => {
  const results = { ...resultsWith(findings), ...(looks && { looks }) };
  const document = JSON.parse(toOscal(results, { controls, version: '1.0.0' }));
  return document['assessment-results'].results[0]['reviewed-controls']['control-selections'][0];
};

const idsIn = (selection: { 'control-id': string }[]) => selection.map((each) => each['control-id']);

describe('the reviewed controls', () => {
  const failed = aFinding({ control: 'judged' });
  const unread = aFinding({ control: 'unread', status: 'NOT_AVAILABLE' });

  test('are those with a verdict, also where passes are only counted, with their requirements', () => {
    // p passed, u not read, o left out by the configuration
    const looks = { controls: controls.map(({ id }) => id), resources: { mpuo: 'abcdefgh' }, passed: '' };
    const selection = selectionOf([failed, unread], looks);
    expect(idsIn(selection['include-controls'])).toEqual(['ac-6', 'ac-7', 'judged', 'passing']);
  });

  test('are those of the findings in results that do not say what was looked at', () => {
    expect(idsIn(selectionOf([failed, unread])['include-controls'])).toEqual(['ac-6', 'judged']);
  });

  test('are none where nothing could be judged', () => {
    const selection = selectionOf([unread]);
    expect(selection).not.toHaveProperty('include-controls');
    expect(idsIn(selection['exclude-controls'])).toEqual(
      expect.arrayContaining(controls.map(({ id }) => id)),
    );
  });
});
