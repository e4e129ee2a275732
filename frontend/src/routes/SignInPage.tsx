import './sign-in.css';
import { Logo } from './Logo';
import { SignInForm } from './SignInForm';

/** The door. */
export function SignInPage() {
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <div className="sign-in-name">
          <Logo size={36} />
          <div>
            <h1>Ninefold</h1>
            <p className="muted">Breast MRI annotation that learns</p>
          </div>
        </div>
        <SignInForm />
      </div>
    </main>
  );
}
