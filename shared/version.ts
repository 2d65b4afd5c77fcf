import manifest from '../package.json' with { type: 'json' };

/** The version of this package, as findings carry it. */
export const VERSION: string = manifest.version;
