/** The service worker: the app itself loads without a server. A new version waits until the person agrees. */
import { scriptUrl } from './trusted.ts';

/** `ready` is called with what applies the waiting version and reloads the page. */
export async function registerServiceWorker(ready: (apply: () => void) => void): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  const registration = await navigator.serviceWorker.register(scriptUrl('/sw.js'));
  let applying = false;
  const offer = (worker: ServiceWorker) => {
    ready(() => {
      applying = true;
      // Agreed to in another tab, it is in force here already: this page alone is still the old one.
      if (worker.state === 'installed') worker.postMessage({ type: 'SKIP_WAITING' });
      else location.reload();
    });
  };
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (applying) location.reload();
  });
  if (registration.waiting !== null && navigator.serviceWorker.controller !== null)
    offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      // Without a controller this is the first installation, which replaces nothing.
      if (worker.state === 'installed' && navigator.serviceWorker.controller !== null) offer(worker);
    });
  });
}
