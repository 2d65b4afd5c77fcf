export default {
  tags: ['-public'],
  ignoreExportsUsedInFile: { interface: true, type: true },
  workspaces: {
    '.': {
      entry: [
        'cli/start.ts!',
        'cli/cdk-plugin.ts!',
        'cli/mcp-shims.ts!',
        'functions/*/handler.ts!',
        'shared/aws/deployment/lambda-credentials.ts!',
        'shared/aws/deployment/no-endpoint-cache.ts!',
        'infra/app.ts',
        'scripts/*.ts',
        'test/**/*.test.{ts,tsx}',
        'test/support/**/*.mjs',
        'bench/processes/{cost-of-process.mjs,look-process.ts}',
        'bench/rivals/read-and-parse.mjs',
        'shared/outputs/report/page/page.ts!',
      ],
      project: ['{functions,infra,shared,cli,bench,scripts,test}/**/*.{ts,tsx,mjs}!'],
      ignoreBinaries: ['fish', 'java', 'mkfifo', 'pdftotext', 'sha256sum'],
      // The grammar of HCL is a file, which the build copies.
      ignoreDependencies: ['aws-cdk', '@tree-sitter-grammars/tree-sitter-hcl'],
    },
    // What the sources import, again: a test holds that it is the same as in package.json.
    bundle: { ignoreDependencies: ['.*'] },
  },
};
