/** The groups of one state, in an order. */
import type { ClusterOut } from '#shared/wire.gen'
import { Paged } from '../data/paged.svelte'
import type { ReviewPlace } from '../rules/review_place'
import type { Review } from './review'

type Narrowed = Pick<ReviewPlace, 'status' | 'sort' | 'q'>

export class Clusters extends Paged<ClusterOut, Narrowed> {
  constructor(review: Pick<Review, 'clusters'>) {
    super({ status: 'open', sort: 'impact', q: '' }, ({ status, sort, q }, after) => review.clusters({ status, sort, q: q.trim() || null, after }))
  }

  /** A group is new or has changed. One of another state goes; of two copies the higher version holds; what words would find, only the server knows. */
  hear(cluster: ClusterOut): void {
    const known = this.items.find(each => each.id === cluster.id)
    if (cluster.status !== this.question.status) this.drop(cluster.id)
    else if (known ? known.version <= cluster.version : this.question.q === '') this.put(cluster)
  }
}
