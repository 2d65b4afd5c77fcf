/** Passes values on in the order of their indexes, from 0 on, each as soon as all before it have come. */
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
