import { Spinner } from '../ui';
import './page-wait.css';

/** The quiet moment before a page is there. */
export function PageWait() {
  return (
    <div className="page-wait">
      <Spinner size={24} label="Loading" />
    </div>
  );
}
