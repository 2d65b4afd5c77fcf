import { jest } from '@jest/globals';

// A deployment takes half a minute, and more on a loaded machine.
jest.setTimeout(240_000);
