/** Tells values in the order of their indexes, from 0 on, whatever the order in which they come; each as soon as it can. */
export const inOrder = <T>(tell: (value: T) => void): ((index: number, value: T) => void) => {
  const waiting = new Map<number, T>();
  let next = 0;
  return (index, value) => {
    waiting.set(index, value);
    for (let first = waiting.get(next); first !== undefined; first = waiting.get(next)) {
      waiting.delete(next++);
      tell(first);
    }
  };
};
