/** What a person types about a model from elsewhere, as the API takes it. */

export interface Input {
  phase: number;
  minus: number | null;
}

/** Inputs from `0, 1, 1-0`; null where that is not what it says. */
export function inputsOf(text: string): Input[] | null {
  const parts = text.split(',').map((part) => /^\s*(\d{1,2})\s*(?:[-−]\s*(\d{1,2})\s*)?$/.exec(part));
  if (parts.some((part) => part === null)) return null;
  return parts.map((part) => ({
    phase: Number(part?.[1]),
    minus: part?.[2] === undefined ? null : Number(part[2]),
  }));
}

/** Our name by theirs from `FGT = fibroglandular tissue, fat =`; null where that is not what it says. */
export function namesOf(text: string): Record<string, string> | null {
  const pairs = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => part.split('='));
  if (pairs.some((pair) => pair.length !== 2 || pair[0]?.trim() === '')) return null;
  return Object.fromEntries(pairs.map(([theirs, ours]) => [theirs?.trim() ?? '', ours?.trim() ?? '']));
}
