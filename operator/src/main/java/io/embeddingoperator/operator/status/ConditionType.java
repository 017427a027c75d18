package io.embeddingoperator.operator.status;

/** The conditions of an EmbeddingJob, all of them present from the first status on, in this order; an EmbeddingEndpoint has the first three. */
public enum ConditionType {
    /** Every vector is in the sink, or the endpoint answers. Its reason is the word in the column Status of {@code kubectl get}. */
    Ready,
    /** The operator or Kubernetes is at work, or waits for something that may still come. */
    Reconciling,
    /** Nothing will happen any more unless a person does something. */
    Stalled,
    /** The run ended well. */
    Complete,
    /** The run ended badly. */
    Failed,
    /** No pod runs, because the manifest or Kueue says so, or because the budget is used up. */
    Suspended
}
