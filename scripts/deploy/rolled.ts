/** How a deployment ended. */
export type Rolled =
  | { readonly kind: 'deployed' }
  | { readonly kind: 'rolled-back'; readonly why: string }
  /** Where it cannot even start. */
  | { readonly kind: 'not-started'; readonly why: string }
  /** Where there is nothing to deploy to, or somebody else deploys. */
  | { readonly kind: 'refused'; readonly why: string };
