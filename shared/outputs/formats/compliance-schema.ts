import * as z from 'zod/mini';
import { COMPLIANCE_STATUSES, type Compliance } from './compliance-outcome.ts';

const count = z.int().check(z.minimum(0));
const status = z.enum(COMPLIANCE_STATUSES);

/** The part of the results file that `--compliance` adds. */
export const complianceSchema: z.ZodMiniType<Compliance> = z
  .strictObject({
    framework: z.strictObject({
      id: z.string(),
      name: z.string(),
      title: z.string(),
      edition: z.string(),
      source: z.string(),
      reviewed: z.string(),
    }),
    interpretation: z.string(),
    controls: z
      .array(
        z.strictObject({
          control: z.string(),
          status,
          passed: count,
          failed: count,
          warning: count,
          notAvailable: count,
          suppressed: count,
          why: z.exactOptional(
            z.string().check(z.describe('Why it could not be read, was accepted, or was not judged')),
          ),
        }),
      )
      .check(z.describe('The controls of the mapping, with the number of resources by what was found there')),
    requirements: z.array(
      z.strictObject({
        id: z.string(),
        title: z.string().check(z.describe('In Pipewarden’s words')),
        status: status.check(
          z.describe(
            'The worst of its controls. passed says that each of them judged something and all of it passed, not that the requirement is met',
          ),
        ),
        parts: z.array(z.strictObject({ shows: z.string(), status, controls: z.array(z.string()) })),
        doesNotShow: z.string().check(z.describe('What the requirement asks for besides')),
      }),
    ),
  })
  .check(z.describe('What the run shows of the requirements of a framework, with --compliance'));
