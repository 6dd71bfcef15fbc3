// A fixed number of slots for work that wants them, the heaviest first.

interface Waiting {
  readonly weight: number;
  readonly start: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Runs at most `count` pieces of work at a time. Once one has failed no other is started: those that wait fail with the
 * same error, so that whoever waits for all of them ends soon.
 */
export class Slots {
  #free: number;
  #failure: { readonly reason: unknown } | undefined;
  readonly #waiting: Waiting[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs `work` as soon as there is a slot and nothing heavier waits. */
  async run<T>(weight: number, work: () => Promise<T>): Promise<T> {
    await this.#enter(weight);
    try {
      return await work();
    } catch (error) {
      this.#failure ??= { reason: error };
      throw error;
    } finally {
      this.#free++;
      this.#next();
    }
  }

  #enter(weight: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ weight, start: resolve, refuse: reject });
      // In a while, so that all work that is added together competes by weight.
      queueMicrotask(() => this.#next());
    });
  }

  #next(): void {
    if (this.#failure !== undefined) {
      for (const { refuse } of this.#waiting.splice(0)) refuse(this.#failure.reason);
      return;
    }
    while (this.#free > 0 && this.#waiting.length > 0) {
      let heaviest = 0;
      for (const [at, { weight }] of this.#waiting.entries()) {
        if (weight > (this.#waiting[heaviest]?.weight ?? 0)) heaviest = at;
      }
      this.#free--;
      this.#waiting.splice(heaviest, 1)[0]?.start();
    }
  }
}
