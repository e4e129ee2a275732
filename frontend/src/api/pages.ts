import { useInfiniteQuery } from '@tanstack/react-query';
import type { QueryKey } from '@tanstack/react-query';

export interface Page<Item> {
  next?: string | null;
  results: Item[];
}

/** The cursor in the address of the next page. */
export function cursorOf(next: string | null | undefined): string | undefined {
  if (next === null || next === undefined) return undefined;
  return new URL(next, window.location.origin).searchParams.get('cursor') ?? undefined;
}

interface PagesOptions<Item> {
  /** ms until the list is asked for again, by what it says now. */
  refetchInterval?: (pages: readonly Page<Item>[]) => number | false;
}

/** A keyset-paginated list that grows page by page. `items` is undefined until the first page is there. */
export function usePages<Item>(
  queryKey: QueryKey,
  read: (cursor: string | undefined) => Promise<Page<Item>>,
  { refetchInterval }: PagesOptions<Item> = {},
) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => cursorOf(page.next),
    refetchInterval: (asked) => refetchInterval?.(asked.state.data?.pages ?? []) ?? false,
  });
  const items = query.data?.pages.flatMap((page) => page.results);
  return { ...query, items };
}
