package io.embeddingoperator.operator.config;

/** Every environment variable that the operator reads; the chart sets them. */
public final class OperatorVariable {
    /** Comma list of the namespaces whose EmbeddingJobs are run; empty or unset: all. */
    public static final String WATCH_NAMESPACES = "OPERATOR_WATCH_NAMESPACES";

    /** The operator's own namespace, where its lease is. */
    public static final String NAMESPACE = "OPERATOR_NAMESPACE";

    /** The runner's image for CPUs and for models behind an API. */
    public static final String RUNNER_IMAGE = "OPERATOR_RUNNER_IMAGE";

    /** The runner's image for NVIDIA GPUs. */
    public static final String RUNNER_CUDA_IMAGE = "OPERATOR_RUNNER_CUDA_IMAGE";

    /** {@code Always}, {@code IfNotPresent} (the default) or {@code Never}. */
    public static final String RUNNER_IMAGE_PULL_POLICY = "OPERATOR_RUNNER_IMAGE_PULL_POLICY";

    /** Comma list of Secrets, in the namespace of each EmbeddingJob, that let its pods pull images; unset: none. */
    public static final String RUNNER_IMAGE_PULL_SECRETS = "OPERATOR_RUNNER_IMAGE_PULL_SECRETS";

    /** {@code true} (the default) or {@code false}: whether only the holder of the lease reconciles. */
    public static final String LEADER_ELECTION = "OPERATOR_LEADER_ELECTION";

    /** The name of the lease. */
    public static final String LEASE_NAME = "OPERATOR_LEASE_NAME";

    /** The address that the port is opened on; without it every address of the host. */
    public static final String HTTP_ADDRESS = "OPERATOR_HTTP_ADDRESS";

    /** Port of /healthz, /readyz and /metrics; 0 takes a free one. */
    public static final String HTTP_PORT = "OPERATOR_HTTP_PORT";

    /** The least number of seconds between two writes of a status in which only numbers changed. */
    public static final String STATUS_INTERVAL_SECONDS = "OPERATOR_STATUS_INTERVAL_SECONDS";

    /** How long a runner pod may take to answer, in milliseconds. */
    public static final String PROGRESS_TIMEOUT_MILLIS = "OPERATOR_PROGRESS_TIMEOUT_MILLIS";

    /** How long a deleted EmbeddingJob waits for its OpenAI batches to be cancelled. */
    public static final String CANCEL_TIMEOUT_SECONDS = "OPERATOR_CANCEL_TIMEOUT_SECONDS";

    /** How many EmbeddingJobs are looked at at the same time. */
    public static final String CONCURRENT_RECONCILIATIONS = "OPERATOR_CONCURRENT_RECONCILIATIONS";

    /** {@code json} (the default) or {@code text}. */
    public static final String LOG_FORMAT = "OPERATOR_LOG_FORMAT";

    /** {@code TRACE}, {@code DEBUG}, {@code INFO} (the default), {@code WARN} or {@code ERROR}. */
    public static final String LOG_LEVEL = "OPERATOR_LOG_LEVEL";

    private OperatorVariable() {}
}
