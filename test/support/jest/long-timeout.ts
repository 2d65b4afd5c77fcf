import { jest } from '@jest/globals';

// A project's own testTimeout does not reach hooks. Only a hang takes that long, on a machine however busy.
jest.setTimeout(1_800_000);
