/** The network view's chunk, asked for when somebody wants to look; a failed attempt is forgotten. */
import type * as NetworkView from './components/ws-network.ts';

let loading: Promise<typeof NetworkView> | undefined;

export function loadNetworkView(): Promise<typeof NetworkView> {
  loading ??= import('./components/ws-network.ts').catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
