import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { definitionPlaces, type TextRange } from '../../../../shared/outputs/places/definition-places.ts';

const ROLE = '/Steps/0/Arguments/RoleArn';
const definition = {
  Version: '2020-12-01',
  Steps: [{ Name: 'Träin "1"', Arguments: { RoleArn: 'role/x' } }],
};

const textAt = (file: string, { line, column, end }: TextRange): string => {
  const lines = file.split('\n');
  if (!end) throw new Error('only a beginning');
  expect(end.line).toBe(line);
  return lines[line - 1]?.slice(column - 1, end.column - 1) ?? '';
};

describe('definitionPlaces', () => {
  test('names the lines and columns of a value in a definition', () => {
    const file = JSON.stringify(definition, null, 2);
    const place = definitionPlaces(file, [ROLE]).get(ROLE);
    expect(place).toEqual({ line: 7, column: 20, end: { line: 7, column: 28 } });
    expect(place && textAt(file, place)).toBe('"role/x"');
  });

  test('names them in the string of a describe-pipeline output, whatever of it is escaped', () => {
    const escapes = fc.constantFrom(0, 2, '\t');
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(escapes, escapes, text, (inner, outer, name) => {
        const PipelineDefinition = JSON.stringify({ Name: name, Steps: definition.Steps }, null, inner);
        const file = JSON.stringify({ PipelineName: name, PipelineDefinition }, null, outer)
          .replaceAll('ä', '\\u00e4')
          .replaceAll('x\\"', 'x\\u0022');
        const place = definitionPlaces(file, [ROLE]).get(ROLE);
        expect(place && textAt(file, place)).toBe('\\"role/x\\u0022');
      }),
    );
  });

  test('gives only the beginning of the container where a value is missing', () => {
    expect(definitionPlaces('\n{"Steps":\n [{}]}', [ROLE]).get(ROLE)).toEqual({ line: 3, column: 3 });
  });

  test('finds no places in a text that is not JSON', () => {
    expect(definitionPlaces('Steps: []', [ROLE])).toEqual(new Map());
  });
});
