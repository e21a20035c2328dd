/**
 * The one Trusted Types policy of ours: addresses of our own scripts for the Worker and the service worker.
 * Everything else that could become script is refused by the page's policy.
 */
interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptUrlPolicy;
}

function sameOriginOnly(url: string): string {
  if (new URL(url, location.href).origin !== location.origin) throw new TypeError('not a script of ours');
  return url;
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
const policy = factory?.createPolicy('peerloom', { createScriptURL: sameOriginOnly });

/** The value is a TrustedScriptURL where the browser has them; the DOM's types know only strings. */
export function scriptUrl(url: string): string {
  return policy?.createScriptURL(url) ?? sameOriginOnly(url);
}
