import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';

import { api, call, explain } from '../../api';
import type { CheckRule, Project, ProjectChecks } from '../../api';
import { can, useCurrentProject } from '../../routes/currentProject';
import { Button, Card, ErrorState, Notice, PageHeader, Skeleton, toast } from '../../ui';
import './checks-page.css';
import { changed, kindOf, withLabel } from './ruleEdits';
import { RuleRow } from './RuleRow';

const checksKey = (slug: string) => ['checks', slug] as const;

/** The rules by which every drawing of a project is checked before it is submitted. */
export function ChecksPage() {
  const project = useCurrentProject();
  const checks = useQuery({
    queryKey: checksKey(project.slug),
    queryFn: () => call(api.GET('/api/projects/{slug}/checks', { params: { path: { slug: project.slug } } })),
  });
  return (
    <div className="page">
      <PageHeader
        title="Checks before a submission"
        lead="A warning has to be ticked by who submits, and the radiologist sees it. An error is in the way."
        above={<Link to={`/projects/${project.slug}/studies`}>Studies</Link>}
      />
      {checks.isError && <ErrorState error={checks.error} retry={() => void checks.refetch()} />}
      {checks.isPending && <Skeleton />}
      {checks.data && (
        <Rules key={JSON.stringify(checks.data.rules)} project={project} checks={checks.data} />
      )}
    </div>
  );
}

function Rules({ project, checks }: { project: Project; checks: ProjectChecks }) {
  const [rules, setRules] = useState<readonly CheckRule[]>(checks.rules);
  const save = useSetChecks(project.slug);
  const mayChange = can(project, 'manage_cases');
  const isChanged = JSON.stringify(rules) !== JSON.stringify(checks.rules);
  const actions = mayChange && (
    <>
      <Button size="small" disabled={checks.is_default || save.isPending} onClick={() => save.mutate(null)}>
        Back to the defaults
      </Button>
      <Button
        size="small"
        kind="primary"
        busy={save.isPending}
        disabled={!isChanged}
        onClick={() => save.mutate(rules)}
      >
        Save
      </Button>
    </>
  );
  return (
    <Card title={checks.is_default ? 'Rules by default' : 'Rules of this project'} actions={actions} flush>
      {save.isError && <Notice tone="bad">{explain(save.error).title}</Notice>}
      <fieldset className="rules" disabled={!mayChange}>
        {rules.map((rule, n) => {
          const kind = kindOf(checks, rule);
          return kind === undefined ? null : (
            <RuleRow
              key={n}
              rule={rule}
              kind={kind}
              labels={project.labels}
              change={(change) => setRules(changed(rules, n, change))}
              toggleLabel={(label) => setRules(withLabel(rules, n, label))}
            />
          );
        })}
      </fieldset>
    </Card>
  );
}

function useSetChecks(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rules: readonly CheckRule[] | null) =>
      call(
        api.PUT('/api/projects/{slug}/checks', {
          params: { path: { slug } },
          body: { rules: rules === null ? null : [...rules] },
        }),
      ),
    onSuccess: (checks) => {
      queries.setQueryData(checksKey(slug), checks);
      toast.good('The next submission is checked by these rules.');
    },
  });
}
