/** Whether a step drew where the task does not ask for it. asked: slices that it asks for, null for all. */
export function isOutside(slices: readonly number[], asked: readonly number[] | null): boolean {
  return asked !== null && slices.some((z) => !asked.includes(z));
}
