/** All modules of a chain under one roof: finds handlers by name and refuses clashes at start. */
import { assert } from '../base/errors.ts';
import type {
  AnyMessageHandler,
  AnyQueryHandler,
  MessageRouter,
  Module,
  StoreSpec,
} from './module.ts';

export class Registry implements MessageRouter {
  readonly modules: readonly Module[];
  readonly stores: readonly StoreSpec[];
  readonly #messages = new Map<string, AnyMessageHandler>();
  readonly #queries = new Map<string, AnyQueryHandler>();

  /** The order of `modules` is the order of genesis, begin and end of block. */
  constructor(modules: readonly Module[], extraQueries: readonly AnyQueryHandler[] = []) {
    this.modules = modules;
    const names = new Set<string>();
    const stores = new Map<string, StoreSpec>();
    for (const module of modules) {
      assert(!names.has(module.name), `module ${module.name} is listed twice`);
      names.add(module.name);
      for (const store of module.stores) {
        assert(!stores.has(store.name), `store ${store.name} is claimed twice`);
        stores.set(store.name, store);
      }
      for (const handler of module.messages) this.#addMessage(handler);
      for (const handler of module.queries) this.#addQuery(handler);
    }
    for (const handler of extraQueries) this.#addQuery(handler);
    this.stores = [...stores.values()];
    for (const module of modules) module.connect?.(this);
  }

  message(typeUrl: string): AnyMessageHandler | undefined {
    return this.#messages.get(typeUrl);
  }

  query(path: string): AnyQueryHandler | undefined {
    return this.#queries.get(path);
  }

  messageTypes(): readonly string[] {
    return [...this.#messages.keys()];
  }

  queries(): readonly AnyQueryHandler[] {
    return [...this.#queries.values()];
  }

  queryPaths(): readonly string[] {
    return [...this.#queries.keys()];
  }

  #addMessage(handler: AnyMessageHandler): void {
    assert(/^\/[a-z0-9_.]+\.[A-Za-z0-9]+$/.test(handler.typeUrl), `bad type ${handler.typeUrl}`);
    assert(!this.#messages.has(handler.typeUrl), `message ${handler.typeUrl} is claimed twice`);
    this.#messages.set(handler.typeUrl, handler);
  }

  #addQuery(handler: AnyQueryHandler): void {
    assert(
      /^\/[a-z0-9_.]+\.[A-Za-z]+\/[A-Za-z0-9]+$/.test(handler.path),
      `bad path ${handler.path}`,
    );
    assert(!this.#queries.has(handler.path), `query ${handler.path} is claimed twice`);
    this.#queries.set(handler.path, handler);
  }
}
