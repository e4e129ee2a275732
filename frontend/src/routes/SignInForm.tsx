import { useState } from 'react';

import { explain } from '../api';
import { useSignIn } from '../api/session';
import { Button, Field, Notice } from '../ui';

/** User name and password. A known user name is fixed and only the password is asked for. */
export function SignInForm({ knownName }: { knownName?: string }) {
  const [username, setUsername] = useState(knownName ?? '');
  const [password, setPassword] = useState('');
  const signIn = useSignIn();
  const problem = signIn.isError ? explain(signIn.error) : null;
  return (
    <form
      className="sign-in-form"
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate({ username, password });
      }}
    >
      <Field
        label="User name"
        name="username"
        autoComplete="username"
        autoFocus={knownName === undefined}
        readOnly={knownName !== undefined}
        required
        value={username}
        onChange={(event) => setUsername(event.target.value)}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        autoFocus={knownName !== undefined}
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {problem !== null && <Notice tone="bad">{problem.title}</Notice>}
      <Button kind="primary" size="large" type="submit" busy={signIn.isPending}>
        Sign in
      </Button>
    </form>
  );
}
