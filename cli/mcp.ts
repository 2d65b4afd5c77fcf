import type { Command } from 'commander';
import { visibleText } from '../shared/text/visible-text.ts';
import { progressOn } from './progress.ts';
import { rootFolder } from './root-folder.ts';

/** Adds the command `mcp`, which serves tools to programs that work with models. */
export const addMcp = (program: Command): void => {
  program
    .command('mcp')
    .description('serve lint, audit, explain, simulate and findings to an MCP client, on stdin and stdout')
    .option('--root <dir>', 'the folder outside of which nothing is read', '.')
    .option('--live', 'also offer the tool audit_live, which reads the account of the credentials')
    .addHelpText(
      'after',
      `
No tool writes, and without --live none opens the network. Paths are taken from the root; links and .. that lead out of it
are refused. AWS_PROFILE and AWS_REGION say which account audit_live reads.

Examples:
  pipewarden mcp --root .
  AWS_PROFILE=audit pipewarden mcp --live

Exit status: 0 the client has left, 2 wrong usage.`,
    )
    .action(async ({ root: named, live = false }: { root: string; live?: boolean }) => {
      const root = await rootFolder(named);
      process.chdir(root); // findings name files as they are called from the root
      const { serveTools } = await import('./mcp-server.ts');
      serveTools(root, live);
      const say = progressOn(process.stderr, false).say;
      say(`MCP server on stdin and stdout; root: ${visibleText(root)}${live ? '; live: AWS is read' : ''}`);
    });
};
