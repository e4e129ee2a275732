import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, apiFetch, call, csrfToken, usePages } from '../../api';

/** Patients of a project whose pseudonym holds a text, without who they are. */
export function useKnownPatients(slug: string, pseudonym: string) {
  return usePages(['identities', slug, pseudonym], (cursor) => {
    const query = {
      ...(pseudonym === '' ? {} : { pseudonym }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    return call(api.GET('/api/projects/{slug}/identities', { params: { path: { slug }, query } }));
  });
}

/** Who one patient is. What comes back stays with who asked: it is in no cache, and each call is recorded. */
export function useLook() {
  return useMutation({
    gcTime: 0,
    mutationFn: (id: number) =>
      call(api.POST('/api/patients/{patient_id}/identities', { params: { path: { patient_id: id } } })),
  });
}

/** Patients who came under an identifier. */
export function useSearchIdentifier(slug: string) {
  return useMutation({
    gcTime: 0,
    mutationFn: (identifier: string) =>
      call(
        api.POST('/api/projects/{slug}/identities/search', {
          params: { path: { slug } },
          body: { identifier },
        }),
      ),
  });
}

/** The whole table as a file that the browser saves. */
export function useTable(slug: string) {
  return useMutation({
    gcTime: 0,
    mutationFn: async () => {
      const headers = { 'X-CSRFToken': csrfToken() };
      const answer = await apiFetch(`/api/projects/${slug}/identities/table`, { method: 'POST', headers });
      const address = URL.createObjectURL(await answer.blob());
      const link = document.createElement('a');
      link.href = address;
      link.download = `${slug}-pseudonyms.csv`;
      link.click();
      URL.revokeObjectURL(address);
    },
  });
}

/** Pairs of patients who may be one person. */
export function useDuplicates(slug: string, enabled: boolean) {
  return useQuery({
    queryKey: ['duplicates', slug],
    enabled,
    queryFn: () => call(api.GET('/api/projects/{slug}/duplicates', { params: { path: { slug } } })),
  });
}

interface Pair {
  keep: number;
  other: number;
}

/** Makes two patients one, or says that they are two; both for good. */
export function useDecide(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ keep, other, same }: Pair & { same: boolean }) => {
      const asked = { params: { path: { patient_id: keep } }, body: { other } };
      await (same
        ? call(api.POST('/api/patients/{patient_id}/merge', asked))
        : call(api.POST('/api/patients/{patient_id}/tell-apart', asked)));
    },
    onSettled: async () => {
      for (const key of [
        ['duplicates', slug],
        ['identities', slug],
        ['patients', slug],
        ['patient'],
        ['tasks', slug],
      ]) {
        await queries.invalidateQueries({ queryKey: key });
      }
    },
  });
}
