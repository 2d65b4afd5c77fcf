/** A value in which one text is replaced, and the place of that text. */
export type WithHidden = { place: string; value: unknown };

/** Copies of a value, in each of which another text below the path is replaced by the placeholder. */
export const hiddenIn = (value: unknown, path: readonly string[], placeholder: string): WithHidden[] => {
  const [key, ...rest] = path;
  if (key === undefined) return eachText(value, placeholder, '');
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return [];
  const holder = value as Record<string, unknown>;
  return hiddenIn(holder[key], rest, placeholder).map((inner) => ({
    ...inner,
    value: { ...holder, [key]: inner.value },
  }));
};

const eachText = (value: unknown, placeholder: string, place: string): WithHidden[] => {
  if (typeof value === 'string') return [{ place, value: placeholder }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    eachText(inner, placeholder, `${place}/${key}`).map((hidden) => ({
      ...hidden,
      value: Array.isArray(value) ? value.with(Number(key), hidden.value) : { ...value, [key]: hidden.value },
    })),
  );
};
