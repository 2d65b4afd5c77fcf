import { readFileSync } from 'node:fs';

/** What ships is declared in bundle/, so that it can be installed alone; a test holds that all of it is bundled. */
const { dependencies, devDependencies } = JSON.parse(
  readFileSync(new URL('bundle/package.json', import.meta.url), 'utf8'),
);

export default {
  tags: ['-public'],
  ignoreExportsUsedInFile: { interface: true, type: true },
  workspaces: {
    '.': {
      entry: [
        'cli/start.ts!',
        'functions/*/handler.ts!',
        'shared/aws/deployment/lambda-credentials.ts!',
        'shared/aws/deployment/no-endpoint-cache.ts!',
        'shared/aws/deployment/no-jmespath.ts!',
        'infra/app.ts',
        'scripts/*.ts',
        'test/**/*.test.{ts,tsx}',
        'test/support/**/*.mjs',
        'bench/processes/{cost-of-process.mjs,look-process.ts}',
        'shared/outputs/report/page/page.ts!',
      ],
      project: ['{functions,infra,shared,cli,bench,scripts,test}/**/*.{ts,tsx,mjs}!'],
      ignoreBinaries: ['esbuild', 'fish', 'java', 'mkfifo'],
      ignoreDependencies: ['aws-cdk', ...Object.keys(dependencies), ...Object.keys(devDependencies)],
    },
    bundle: { ignoreDependencies: ['.*'] },
  },
};
