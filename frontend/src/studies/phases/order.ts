/** The list with one item at another place; places beyond the ends are the ends. */
export function withMoved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const place = Math.min(Math.max(to, 0), items.length - 1);
  const rest = items.filter((_, n) => n !== from);
  const item = items[from];
  return item === undefined ? [...items] : [...rest.slice(0, place), item, ...rest.slice(place)];
}

/** Whether any number is not at its own place. */
export function isChanged(order: readonly number[]): boolean {
  return order.some((index, place) => index !== place);
}
