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

    /** Comma list of ServiceAccounts that manifests may name, beside {@code default}; unset: none. */
    public static final String ALLOWED_SERVICE_ACCOUNTS = "OPERATOR_ALLOWED_SERVICE_ACCOUNTS";

    /** Comma list of PriorityClasses that manifests may name; unset: none. */
    public static final String ALLOWED_PRIORITY_CLASSES = "OPERATOR_ALLOWED_PRIORITY_CLASSES";

    /** Comma list of RuntimeClasses that manifests may name; unset: none. */
    public static final String ALLOWED_RUNTIME_CLASSES = "OPERATOR_ALLOWED_RUNTIME_CLASSES";

    /** Comma list of labels that templates may set, beside Kueue's; unset: none. */
    public static final String ALLOWED_LABELS = "OPERATOR_ALLOWED_LABELS";

    /** Comma list of annotations that templates may set, beside the harmless ones; unset: none. */
    public static final String ALLOWED_ANNOTATIONS = "OPERATOR_ALLOWED_ANNOTATIONS";

    /** Comma list of environment variables that templates may set, beside the runner's own; unset: none. */
    public static final String ALLOWED_ENVIRONMENT = "OPERATOR_ALLOWED_ENVIRONMENT";

    /** Comma list of URLs below which an {@code openai.baseUrl} may lie; unset: none. */
    public static final String ALLOWED_BASE_URLS = "OPERATOR_ALLOWED_BASE_URLS";

    /** Comma list of URLs below which models may be downloaded; unset: none. */
    public static final String ALLOWED_MODEL_URLS = "OPERATOR_ALLOWED_MODEL_URLS";

    /** Comma list of URLs that may be endpoints of S3; unset: none but S3 itself. */
    public static final String ALLOWED_S3_ENDPOINTS = "OPERATOR_ALLOWED_S3_ENDPOINTS";

    /** Comma list of beginnings of images that models may be in; unset: none. */
    public static final String ALLOWED_MODEL_IMAGES = "OPERATOR_ALLOWED_MODEL_IMAGES";

    /** Comma list of the kinds of which manifests may name labelled objects only: Secret, ConfigMap, PersistentVolumeClaim. */
    public static final String LABELLED_KINDS = "OPERATOR_LABELLED_KINDS";

    /** {@code json} (the default) or {@code text}. */
    public static final String LOG_FORMAT = "OPERATOR_LOG_FORMAT";

    /** {@code TRACE}, {@code DEBUG}, {@code INFO} (the default), {@code WARN} or {@code ERROR}. */
    public static final String LOG_LEVEL = "OPERATOR_LOG_LEVEL";

    private OperatorVariable() {}
}
