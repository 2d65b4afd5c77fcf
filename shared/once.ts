/** What the function makes (a promise, say), made when it is first asked for, and the same ever after. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};
