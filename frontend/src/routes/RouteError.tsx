import { useRouteError } from 'react-router';

import { ErrorState } from '../ui';

/** A page that failed to load or to draw. */
export function RouteError() {
  return <ErrorState error={useRouteError()} retry={() => window.location.reload()} />;
}
