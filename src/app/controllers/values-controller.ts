/** Lets a component follow a document of named values: told of each change, and of whom it came from. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { DocumentChange } from '../../crdt/document/messages.ts';
import type { Profile, ValuesSession } from '../space-session.ts';

type Changed = (changes: readonly DocumentChange[], author: Profile | undefined) => void;

export class ValuesController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #changed: Changed;
  #values: ValuesSession | undefined;
  #unsubscribe: (() => void) | undefined;
  #connected = false;

  constructor(host: ReactiveControllerHost, changed: Changed = () => undefined) {
    this.#host = host;
    this.#changed = changed;
    host.addController(this);
  }

  follow(values: ValuesSession): void {
    if (values === this.#values) return;
    this.#stop();
    this.#values = values;
    if (this.#connected) this.#start();
  }
  hostConnected(): void {
    this.#connected = true;
    this.#start();
  }
  hostDisconnected(): void {
    this.#connected = false;
    this.#stop();
  }

  #start(): void {
    this.#unsubscribe ??= this.#values?.subscribe((changes, author) => {
      this.#changed(changes, author);
      this.#host.requestUpdate();
    });
  }
  #stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}
