/** Failed responses, newest first: those of one group, or those that are in none. */
import type { Query } from '#shared/api'
import type { FailureOut } from '#shared/wire.gen'
import { Paged } from '../data/paged.svelte'
import type { Review } from './review'

export class Failures extends Paged<FailureOut, Query> {
  constructor(
    review: Pick<Review, 'failures'>,
    /** Whether one that is new or has changed belongs here. */
    private readonly belongs: (failure: FailureOut) => boolean
  ) {
    super({}, (query, after) => review.failures({ ...query, after }))
  }

  hear(failure: FailureOut): void {
    if (this.belongs(failure)) this.put(failure)
    else this.drop(failure.id)
  }
}
