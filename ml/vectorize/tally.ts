/** Counts the features of one text: which were met, in the order in which they came, and how often. `clear` makes it ready for the next one. */
export class FeatureTally {
  /** The first `size` of them. */
  readonly met: Int32Array;
  /** How often, place by place. */
  readonly times: Int32Array;
  size = 0;
  /** The place of a feature, plus one; 0 where it was not met. */
  readonly #places: Int32Array;

  constructor(features: number) {
    this.met = new Int32Array(features);
    this.times = new Int32Array(features);
    this.#places = new Int32Array(features);
  }

  add(feature: number): void {
    const place = this.#places[feature] as number;
    if (place === 0) {
      this.met[this.size] = feature;
      this.times[this.size++] = 1;
      this.#places[feature] = this.size;
    } else this.times[place - 1] = (this.times[place - 1] as number) + 1;
  }

  clear(): void {
    for (let index = 0; index < this.size; index++) this.#places[this.met[index] as number] = 0;
    this.size = 0;
  }
}
