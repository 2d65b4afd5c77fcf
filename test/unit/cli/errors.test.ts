import { expect, test } from '@jest/globals';
import { fileProblem } from '../../../cli/errors.ts';
import { messageText } from '../../../cli/progress.ts';

test('a file’s name forges no line of a message', () => {
  const { message } = fileProblem('a\n::error::fine.json', new Error('gone'));
  expect(messageText(`pipewarden: ${message}`)).toBe(
    'pipewarden: a\\n::error::fine.json: cannot be read: gone\n',
  );
});
