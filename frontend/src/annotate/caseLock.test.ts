import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { CaseLock } from './caseLock';

type Holder = (lock: Lock | null) => Promise<unknown>;
interface Asked {
  use: Holder;
  settle: () => void;
  fail: (error: unknown) => void;
}

/** Exclusive locks in the order of asking, as the Web Locks specification has them; one name is enough. */
class Locks {
  private holder: Asked | null = null;
  private queue: Asked[] = [];

  readonly manager = { request: this.request.bind(this) } as unknown as LockManager;

  private request(_name: string, { signal, steal = false }: LockOptions, use: Holder): Promise<void> {
    return new Promise((settle, fail) => {
      const asked = { use, settle, fail };
      signal?.addEventListener('abort', () => {
        if (!this.queue.includes(asked)) return;
        this.queue = this.queue.filter((other) => other !== asked);
        fail(new DOMException('', 'AbortError'));
      });
      if (steal) {
        this.holder?.fail(new DOMException('', 'AbortError'));
        this.holder = null;
        this.queue.unshift(asked);
      } else this.queue.push(asked);
      queueMicrotask(() => this.grant());
    });
  }

  private grant(): void {
    const next = this.holder ? undefined : this.queue.shift();
    if (!next) return;
    this.holder = next;
    void next.use(null).then(() => {
      next.settle();
      if (this.holder === next) this.holder = null;
      this.grant();
    });
  }
}

const opened: CaseLock[] = [];
let locks: Locks;
let said: string[];

function open(name: string, save: () => Promise<unknown> = () => Promise.resolve(said.push(name))): CaseLock {
  const lock = new CaseLock(7, save, locks.manager);
  opened.push(lock);
  return lock;
}
const tabs = (): string[] => opened.map((lock) => lock.store.getState().tab);
const settle = async (ms = 300): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 50) {
    await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(50);
  }
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  locks = new Locks();
  said = [];
});
afterEach(() => {
  opened.splice(0).forEach((lock) => {
    lock.close();
  });
  vi.useRealTimers();
});

it('of several tabs the first draws', async () => {
  open('a');
  open('b');
  await settle();
  expect(tabs()).toEqual(['here', 'elsewhere']);
});

it('a tab that takes over waits until the other has saved', async () => {
  open('a');
  await settle();
  const b = open('b');
  await settle();
  b.takeOver();
  await settle();
  expect([tabs(), said]).toEqual([['elsewhere', 'here'], ['a']]);
});

it('of three tabs the one that asks gets the case, not the one that has waited longest', async () => {
  open('a');
  await settle();
  open('b');
  await settle();
  const c = open('c');
  await settle();
  c.takeOver();
  await settle();
  expect(tabs()).toEqual(['elsewhere', 'elsewhere', 'here']);
});

it('a tab that cannot save gives way all the same', async () => {
  open('a', () => Promise.reject(new Error('no server')));
  await settle();
  open('b').takeOver();
  await settle();
  expect(tabs()).toEqual(['elsewhere', 'here']);
});

it('a tab that sleeps loses the case', async () => {
  const a = open('a');
  await settle();
  Object.assign(a, { whenWished: () => undefined });
  (a as unknown as { channel: BroadcastChannel }).channel.onmessage = null;
  open('b').takeOver();
  await settle(6_500);
  expect(tabs()).toEqual(['elsewhere', 'here']);
});

it('a tab that waits goes on when the other is closed', async () => {
  const a = open('a');
  await settle();
  open('b');
  await settle();
  a.close();
  await settle();
  expect(tabs()[1]).toBe('here');
});

it('where the browser has no locks every tab draws, and the server keeps them apart', async () => {
  const lock = new CaseLock(7, () => Promise.resolve(), undefined);
  opened.push(lock);
  await settle();
  expect(tabs()).toEqual(['here']);
});
