/** A certificate for this machine that nobody vouches for, made with openssl. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The two files, in `folder`; undefined where there is no openssl. */
export function selfSigned(folder: string): { readonly cert: string; readonly key: string } | undefined {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const args = ['req', '-x509', ...kind, '-nodes', '-days', '1', '-keyout', key, '-out', cert, ...subject];
  try {
    execFileSync('openssl', args, { stdio: 'ignore' });
    return { cert, key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
