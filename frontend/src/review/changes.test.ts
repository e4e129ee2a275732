import { describe, expect, it } from 'vitest';

import type { Review, Revision } from '../api';
import { authorsOf, sincePoints } from './changes';

function revision(number: number, by: string | null): Revision {
  return {
    number,
    author: by,
    origin: by === null ? 'model' : 'human',
    source: by === null ? 'model 3' : '',
    note: '',
    changed: {},
    accepted: '',
    created_at: `2026-01-0${number}T00:00:00Z`,
  };
}

const returned: Review = {
  decision: 'return',
  reason: 'r',
  reviewer: { id: 2, display_name: 'Rita' },
  created_at: '2026-01-03T12:00:00Z',
  remarks: [],
};

describe('the authors of a case', () => {
  it('are all who drew, the latest first, a model by its name', () => {
    const authors = authorsOf([
      revision(1, null),
      revision(2, 'Ana'),
      revision(3, 'Ben'),
      revision(4, 'Ana'),
    ]);
    expect(authors.map(({ name, revisions }) => [name, revisions])).toEqual([
      ['Ana', 2],
      ['Ben', 1],
      ['model 3', 1],
    ]);
  });
});

describe('what the mask can be held against', () => {
  it('is the last review and the draft', () => {
    const history = [revision(1, null), revision(2, 'Ana'), revision(3, 'Ana'), revision(4, 'Ana')];
    expect(sincePoints(history, returned)).toEqual([
      { revision: 3, name: 'the last review' },
      { revision: 1, name: 'the draft of model 3' },
    ]);
  });

  it('is the empty case where no model drafted', () => {
    expect(sincePoints([revision(1, 'Ana')], null)).toEqual([{ revision: 0, name: 'the empty case' }]);
  });

  it('is nothing while the draft is as the model left it', () => {
    expect(sincePoints([revision(1, null)], null)).toEqual([]);
  });
});
