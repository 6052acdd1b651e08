/** Which of several are chosen: each as it is by itself, until a hand says otherwise. */
export class Ticks {
  #byHand = $state.raw<ReadonlyMap<number, boolean>>(new Map())

  constructor(private readonly byItself: (id: number) => boolean = () => true) {}

  has = (id: number): boolean => this.#byHand.get(id) ?? this.byItself(id)

  set = (ids: readonly number[], on: boolean): void => {
    this.#byHand = new Map([...this.#byHand, ...ids.map(id => [id, on] as const)])
  }
}
