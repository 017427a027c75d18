package io.embeddingoperator.operator.status;

/** The word for an endpoint's state, beside those of {@link StatusWord} that tell what pods lack. */
enum EndpointWord {
    /** All pods answer, and are what the manifest says. */
    Serving,
    /** No pod answers yet. */
    Starting,
    /** Pods answer, and newer, more or fewer ones are on their way. */
    Updating,
    /** spec.replicas is 0. */
    Stopped,
    /** Pods end, or do not become ready in time. */
    PodsFailing
}
