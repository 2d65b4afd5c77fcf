/**
 * Why the command cannot run on a version of Node, such as `18.20.4`; undefined where it can. The versions are those of
 * `engines` in package.json.
 */
export const nodeProblem = (version: string): string | undefined => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > 21 || (major === 21 && minor >= 7) || (major === 20 && minor >= 12);
  return isEnough
    ? undefined
    : `this is Node ${version}, and the command needs Node 20.12 or newer (of Node 21, 21.7): install a newer Node, or put one first on the PATH`;
};
