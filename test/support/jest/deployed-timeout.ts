import { jest } from '@jest/globals';

// A deployment takes half a minute. Only a hang takes that long, on a machine however busy.
jest.setTimeout(1_800_000);
