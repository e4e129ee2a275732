import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, call } from '../../api';
import type { Derived, PhaseOrder, Registration } from '../../api';

const ASK_AGAIN_MS = 1_500;

function underWay(state: string | null): boolean {
  return state === 'waiting' || state === 'running';
}

/** What changes with the phases: everything that is shown of a volume. */
function useChanged(volumeId: number) {
  const queries = useQueryClient();
  return async () => {
    for (const name of ['phase-order', 'registrations', 'derived']) {
      await queries.invalidateQueries({ queryKey: [name, volumeId] });
    }
    for (const name of ['patient', 'volume', 'task']) await queries.invalidateQueries({ queryKey: [name] });
  };
}

/** The phases of a volume in order, and whether the order may change. */
export function usePhaseOrder(volumeId: number) {
  return useQuery({
    queryKey: ['phase-order', volumeId],
    queryFn: () =>
      call(api.GET('/api/volumes/{volume_id}/phase-order', { params: { path: { volume_id: volumeId } } })),
  });
}

/** Puts the phases into another order. */
export function useReorder(volumeId: number) {
  const queries = useQueryClient();
  const changed = useChanged(volumeId);
  const params = { path: { volume_id: volumeId } };
  return useMutation({
    mutationFn: (body: { order: number[]; reason: string }): Promise<PhaseOrder> =>
      call(api.POST('/api/volumes/{volume_id}/phase-order', { params, body })),
    onSuccess: async (order) => {
      queries.setQueryData(['phase-order', volumeId], order);
      await changed();
    },
  });
}

/** Puts the phases back as the headers have them. */
export function useRestoreOrder(volumeId: number) {
  const changed = useChanged(volumeId);
  const params = { path: { volume_id: volumeId } };
  return useMutation({
    mutationFn: () => call(api.DELETE('/api/volumes/{volume_id}/phase-order', { params })),
    onSuccess: changed,
  });
}

/** The channels that a volume can have; asked again while one is being made. */
export function useDerived(volumeId: number) {
  return useQuery({
    queryKey: ['derived', volumeId],
    queryFn: () =>
      call(api.GET('/api/volumes/{volume_id}/derived', { params: { path: { volume_id: volumeId } } })),
    refetchInterval: ({ state }) =>
      state.data?.some((channel: Derived) => underWay(channel.state)) ? ASK_AGAIN_MS : false,
  });
}

/** Has a channel made. */
export function useDerive(volumeId: number) {
  const queries = useQueryClient();
  const params = { path: { volume_id: volumeId } };
  return useMutation({
    mutationFn: (key: string) =>
      call(api.POST('/api/volumes/{volume_id}/derived', { params, body: { key } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['derived', volumeId] }),
  });
}

/** The registrations of a volume, newest first; asked again while one is under way. */
export function useRegistrations(volumeId: number) {
  return useQuery({
    queryKey: ['registrations', volumeId],
    queryFn: () =>
      call(api.GET('/api/volumes/{volume_id}/registrations', { params: { path: { volume_id: volumeId } } })),
    refetchInterval: ({ state }) =>
      state.data?.some((row: Registration) => underWay(row.state)) ? ASK_AGAIN_MS : false,
  });
}

/** Starts moving the phases onto the first one. */
export function useRegister(volumeId: number) {
  const changed = useChanged(volumeId);
  const params = { path: { volume_id: volumeId } };
  return useMutation({
    mutationFn: (method: Registration['method']) =>
      call(api.POST('/api/volumes/{volume_id}/registrations', { params, body: { method } })),
    onSettled: changed,
  });
}

export type RegistrationAct = 'cancel' | 'use' | 'stop';

/** Cancels a registration, puts it to use, or stops using it. */
export function useRegistrationAct(volumeId: number) {
  const changed = useChanged(volumeId);
  return useMutation({
    mutationFn: ({ id, act }: { id: number; act: RegistrationAct }) => {
      const params = { path: { registration_id: id } };
      if (act === 'cancel') return call(api.POST('/api/registrations/{registration_id}/cancel', { params }));
      if (act === 'use') return call(api.POST('/api/registrations/{registration_id}/use', { params }));
      return call(api.POST('/api/registrations/{registration_id}/stop', { params }));
    },
    onSettled: changed,
  });
}

export { underWay };
