package io.embeddingoperator.api.v1alpha1;

/** The names under which Kubernetes serves this API. */
public final class ApiVersion {
    public static final String GROUP = "embedding-operator.io";
    public static final String VERSION = "v1alpha1";
    public static final String GROUP_VERSION = GROUP + "/" + VERSION;
    public static final String KIND = "EmbeddingJob";
    public static final String ENDPOINT_KIND = "EmbeddingEndpoint";

    private ApiVersion() {}
}
