import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluate, type Scope } from '../../../../shared/declared/hcl/evaluate.ts';
import { Untold } from '../../../../shared/declared/hcl/values.ts';
import { parser } from '../../../support/plans/grammar.ts';

const placeOf = async (text: string, pointer: string) => {
  const parse = await parser();
  return parse('main.tf', text).source.places([pointer]).get(pointer);
};

const SOURCE = `resource "aws_iam_role_policy" "read" {
  role = "a"
  policy = jsonencode({
    Statement = [
      { Effect = "Allow",
        Action = ["s3:GetObject", "s3:PutObject"] },
    ]
  })
}
data "aws_iam_policy_document" "x" {
  statement {
    actions = ["s3:*"]
  }
  statement {
    sid = "b"
  }
}
`;

describe('places in HCL', () => {
  const policy = '/resource/aws_iam_role_policy/read/policy';
  test.each([
    ['/resource/aws_iam_role_policy/read', 1, 1],
    [policy, 3, 3],
    [`${policy}/Statement/0`, 5, 7],
    [`${policy}/Statement/0/Action/1`, 6, 35],
    [`${policy}/Statement/0/Resource`, 5, 7],
    ['/data/aws_iam_policy_document/x/statement/1', 14, 3],
    ['/nowhere', 1, 1],
  ])('%s', async (pointer, line, column) => {
    expect(await placeOf(SOURCE, pointer)).toEqual({ line, column });
  });
});

describe('places in JSON that is written as a heredoc', () => {
  const source = `resource "aws_iam_policy" "p" {
  policy = <<-EOT
    {
      "Statement": [
        { "Effect": "Allow", "Resource": "\${aws_s3_bucket.b["x"].arn}/*" },
        { "Action": \${jsonencode(["a"])}, "Effect": "Deny" }
      ]
    }
  EOT
}
`;
  const policy = '/resource/aws_iam_policy/p/policy';
  test.each([
    [policy, 2, 3],
    [`${policy}/Statement/0`, 5, 9],
    [`${policy}/Statement/0/Resource`, 5, 42],
    [`${policy}/Statement/1/Effect`, 6, 53],
    [`${policy}/Statement/1/Nothing`, 6, 9],
  ])('%s', async (pointer, line, column) => {
    expect(await placeOf(source, pointer)).toEqual({ line, column });
  });
});

describe('what is no HCL', () => {
  test('is told with its place, and the rest is read', async () => {
    const parse = await parser();
    const { body, problems, source } = parse('main.tf', 'a = 1\nb {\n  c = = 2\n}\nd = 3\n');
    expect([...body.attributes.keys()]).toContain('a');
    expect(problems.map(({ message }) => message)).toContain(
      'this is not HCL as Terraform reads it; what stands here is not judged',
    );
    const [first] = problems;
    expect(source.places([first?.pointer ?? '']).get(first?.pointer ?? '')).toEqual({ line: 3, column: 7 });
  });

  test('a text that is nested more deeply than anybody writes is refused in part', async () => {
    const parse = await parser();
    const { body } = parse('main.tf', `a = ${'['.repeat(5000)}${']'.repeat(5000)}\n`);
    const value = body.attributes.get('a');
    expect(() => value && evaluate(value, SCOPE)).toThrow('nested too deeply');
  });

  const SCOPE: Scope = {
    name: () => ({ a: ['x'] }),
    unknownText: () => '?',
    open: {
      partsOf: () => [],
      isSame: (one, other) => one === other,
      mayBeNull: () => false,
      mayHold: () => false,
    },
    files: {
      text: () => '',
      template: () => {
        throw new Untold('none');
      },
    },
    made: () => undefined,
    work: { left: 20_000, depth: 0 },
  };

  const words = fc.constantFrom(
    ...'a = 1|b|"x|"|${|}|%{ if |~}|%{ else }|%{ endif }|[|]|{|}|(|)|for |in |:|=>|...|var.a|[*]|.*.|.0|==|&&|?|!|-|\n|<<EOT|EOT|jsonencode(|join(|,|resource "a" "b" {|dynamic|#|/*|*/|\\u12|\u0000|é|__proto__|constructor'.split(
      '|',
    ),
  );

  test('no text makes the parser or the evaluation throw anything but Untold', async () => {
    const parse = await parser();
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 40 }), async (some) => {
        const { body } = parse('main.tf', `a = ${some.join('')}\n`);
        for (const expression of body.attributes.values()) {
          try {
            evaluate(expression, { ...SCOPE, work: { left: 20_000, depth: 0 } });
          } catch (error) {
            expect(error).toBeInstanceOf(Untold);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
