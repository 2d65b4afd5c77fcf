let unpacked: Promise<Record<string, string>> | undefined;

/** The packed details by anchor. They are unpacked once, when somebody first needs them. */
export const unpack = (): Promise<Record<string, string>> => {
  unpacked ??= read();
  return unpacked;
};

const read = async (): Promise<Record<string, string>> => {
  const base64 = document.getElementById('packed')?.textContent ?? '';
  if (base64 === '') return {};
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text()) as Record<string, string>;
};
