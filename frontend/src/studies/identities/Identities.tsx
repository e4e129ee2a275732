import { Search, UserRoundSearch } from 'lucide-react';
import { useState } from 'react';
import type { SubmitEvent } from 'react';
import { useSearchParams } from 'react-router';

import { explain } from '../../api';
import type { KnownPatient } from '../../api';
import { Button, Card, EmptyState, ErrorState, Field, LoadMore, Notice, Skeleton, toast } from '../../ui';
import './identities.css';
import { KnownPatientRow } from './KnownPatientRow';
import { useKnownPatients, useSearchIdentifier } from './queries';

/** Pseudonyms of a project, each with who it is once somebody asks. */
export function Identities({ slug }: { slug: string }) {
  const [search] = useSearchParams();
  const [pseudonym, setPseudonym] = useState(search.get('pseudonym') ?? '');
  const [found, setFound] = useState<readonly KnownPatient[]>();
  return (
    <>
      <Notice>
        Who is behind a pseudonym shows after a click. The audit keeps who looked, at whom, and when.
      </Notice>
      <div className="identities-search">
        <Field
          label="Pseudonym"
          placeholder="P0001"
          value={pseudonym}
          onChange={(event) => {
            setFound(undefined);
            setPseudonym(event.currentTarget.value);
          }}
        />
        <ByIdentifier slug={slug} onFound={setFound} />
      </div>
      <Card flush>
        {found === undefined ? <All slug={slug} pseudonym={pseudonym} /> : <Rows patients={found} />}
      </Card>
    </>
  );
}

interface ByIdentifierProps {
  slug: string;
  onFound: (patients: readonly KnownPatient[]) => void;
}

function ByIdentifier({ slug, onFound }: ByIdentifierProps) {
  const [identifier, setIdentifier] = useState('');
  const search = useSearchIdentifier(slug);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    search.mutate(identifier, {
      onSuccess: onFound,
      onError: (error) => toast.bad(explain(error).title, explain(error).advice),
    });
  };
  return (
    <form className="identities-by-identifier" onSubmit={submit}>
      <Field
        label="Patient identifier, whole"
        autoComplete="off"
        value={identifier}
        onChange={(event) => setIdentifier(event.currentTarget.value)}
      />
      <Button
        type="submit"
        icon={<Search size={14} />}
        busy={search.isPending}
        disabled={identifier.trim() === ''}
      >
        Find
      </Button>
    </form>
  );
}

function All({ slug, pseudonym }: { slug: string; pseudonym: string }) {
  const list = useKnownPatients(slug, pseudonym.trim());
  if (list.isError && list.items === undefined) {
    return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  }
  if (list.items === undefined) return <Skeleton height={240} />;
  return (
    <>
      <Rows patients={list.items} />
      <LoadMore {...list} />
    </>
  );
}

function Rows({ patients }: { patients: readonly KnownPatient[] }) {
  if (patients.length === 0) {
    return (
      <EmptyState icon={<UserRoundSearch size={24} />} title="Nobody of that kind">
        An identifier has to be whole; capitals, spaces and leading zeros do not count.
      </EmptyState>
    );
  }
  return (
    <ul className="known-patients" aria-label="Identities">
      {patients.map((patient) => (
        <KnownPatientRow key={patient.id} patient={patient} />
      ))}
    </ul>
  );
}
