/**
 * Prints `N passed, N failed` as the last line of a run, for whoever scripts against it. A suite that could not run
 * at all counts as one failure. Written at exit, since coverage and warnings come after the reporters.
 */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
    process.once('exit', () => process.stdout.write(`${line}\n`));
  }
}
