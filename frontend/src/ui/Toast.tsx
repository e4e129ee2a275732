import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { create } from 'zustand';

import './toast.css';
import { classes } from './classes';

export type ToastKind = 'good' | 'bad' | 'info';

interface ToastMessage {
  id: number;
  kind: ToastKind;
  text: string;
  advice?: string | undefined;
}

interface ToastStore {
  messages: ToastMessage[];
  show: (kind: ToastKind, text: string, advice?: string) => void;
  drop: (id: number) => void;
}

let lastId = 0;

const useToasts = create<ToastStore>()((set) => ({
  messages: [],
  show: (kind, text, advice) => {
    lastId += 1;
    const message = { id: lastId, kind, text, advice };
    set((state) => ({ messages: [...state.messages.slice(-2), message] }));
  },
  drop: (id) => set((state) => ({ messages: state.messages.filter((message) => message.id !== id) })),
}));

/** Tells something in passing, from anywhere. Bad news stays longer. */
export const toast = {
  good: (text: string, advice?: string) => useToasts.getState().show('good', text, advice),
  bad: (text: string, advice?: string) => useToasts.getState().show('bad', text, advice),
  info: (text: string, advice?: string) => useToasts.getState().show('info', text, advice),
};

const ICONS = { good: CircleCheck, bad: CircleAlert, info: Info };

/** The corner where messages appear; stands once in the application. */
export function Toaster() {
  const { messages, drop } = useToasts();
  return (
    <Radix.Provider swipeDirection="right">
      {messages.map(({ id, kind, text, advice }) => {
        const Icon = ICONS[kind];
        return (
          <Radix.Root
            key={id}
            className={classes('toast', `toast-${kind}`)}
            duration={kind === 'bad' ? 10_000 : 4_500}
            onOpenChange={(open) => !open && drop(id)}
          >
            <Icon size={18} aria-hidden="true" />
            <div>
              <Radix.Title className="toast-title">{text}</Radix.Title>
              {advice !== undefined && advice !== '' && (
                <Radix.Description className="toast-advice">{advice}</Radix.Description>
              )}
            </div>
            <Radix.Close className="toast-close" aria-label="Dismiss">
              <X size={14} />
            </Radix.Close>
          </Radix.Root>
        );
      })}
      <Radix.Viewport className="toast-corner" />
    </Radix.Provider>
  );
}
