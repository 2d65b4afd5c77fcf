import { jest } from '@jest/globals';

// A project's own testTimeout does not reach hooks.
jest.setTimeout(60_000);
