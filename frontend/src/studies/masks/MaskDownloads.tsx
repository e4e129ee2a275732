import { Download } from 'lucide-react';

import { explain } from '../../api';
import { Button, toast } from '../../ui';
import { useTakeOut } from './queries';
import type { MaskForm } from './queries';

const FORMS: { form: MaskForm; name: string }[] = [
  { form: 'nifti', name: 'NIfTI' },
  { form: 'seg', name: 'DICOM SEG' },
];

/** The mask of a case as a file: the approved one, else the newest. */
export function MaskDownloads({ taskId }: { taskId: number }) {
  const take = useTakeOut(taskId);
  const start = (form: MaskForm) =>
    take.mutate(form, {
      onError: (error) => toast.bad(explain(error).title, explain(error).advice),
    });
  return (
    <>
      {FORMS.map(({ form, name }) => (
        <Button
          key={form}
          size="small"
          kind="quiet"
          icon={<Download size={14} />}
          busy={take.isPending && take.variables === form}
          onClick={() => start(form)}
        >
          {name}
        </Button>
      ))}
    </>
  );
}
