package io.embeddingoperator.api.contract;

import java.util.Locale;

/**
 * Every environment variable that a runner's code reads: the operator binds them, a person on a laptop exports them. Two more are
 * read around it: {@code EMBEDDING_LOG_LEVEL} by logback.xml, {@code EMBEDDING_RUNNER_JAVA_OPTIONS} by the launcher.
 */
public final class EnvironmentVariable {
    /** Connection URI of the source database, libpq or JDBC form. Holds a password: never printed. */
    public static final String SOURCE_URI = "EMBEDDING_SOURCE_URI";

    /** Connection URI of the sink database, libpq or JDBC form. Holds a password: never printed. */
    public static final String SINK_URI = "EMBEDDING_SINK_URI";

    /** File of the certificates that vouch for the store of S3, in place of the public ones. */
    public static final String S3_CA_BUNDLE = "EMBEDDING_S3_CA_BUNDLE";

    /** API key of the OpenAI endpoint. Never printed. */
    public static final String OPENAI_API_KEY = "EMBEDDING_OPENAI_API_KEY";

    /** File that holds the API key as it is by now: it is read once the server does not take the key any more. */
    public static final String OPENAI_API_KEY_FILE = "EMBEDDING_OPENAI_API_KEY_FILE";

    /**
     * Folder that holds the secret headers of requests to the OpenAI endpoint as they are by now, each in a file of the header's
     * name in small letters with - for _: it is read once the server refuses one.
     */
    public static final String OPENAI_HEADERS_FOLDER = "EMBEDDING_OPENAI_HEADERS_FOLDER";

    /** File of the certificates that vouch for the OpenAI endpoint, in place of the public ones. */
    public static final String OPENAI_CA_BUNDLE = "EMBEDDING_OPENAI_CA_BUNDLE";

    /** File of the certificate by which the runner proves itself to the OpenAI endpoint, with those up to its authority behind it. */
    public static final String OPENAI_CLIENT_CERTIFICATE = "EMBEDDING_OPENAI_CLIENT_CERTIFICATE";

    /** File of the key of {@link #OPENAI_CLIENT_CERTIFICATE}. */
    public static final String OPENAI_CLIENT_KEY = "EMBEDDING_OPENAI_CLIENT_KEY";

    /** The token by which a pod's ServiceAccount proves itself to Microsoft Entra ID: Azure's webhook sets this and the next three. */
    public static final String AZURE_FEDERATED_TOKEN_FILE = "AZURE_FEDERATED_TOKEN_FILE";

    public static final String AZURE_TENANT_ID = "AZURE_TENANT_ID";

    public static final String AZURE_CLIENT_ID = "AZURE_CLIENT_ID";

    /** Where Microsoft Entra ID is; without it the public cloud's. */
    public static final String AZURE_AUTHORITY_HOST = "AZURE_AUTHORITY_HOST";

    /** Proves an application to Microsoft Entra ID where there is no token of a ServiceAccount, as on a laptop. Never printed. */
    public static final String AZURE_CLIENT_SECRET = "AZURE_CLIENT_SECRET";

    /** The number of the run, which the operator counts; without an operator the manifest's runNonce stands for it. */
    public static final String RUN = "EMBEDDING_RUN";

    /** The shard that this process runs, set by an Indexed Job; without it all shards run in this process. */
    public static final String SHARD_INDEX = "JOB_COMPLETION_INDEX";

    /** Port of /progress, /metrics and /healthz; 0 takes a free one. Without it there is no port on a laptop. */
    public static final String HTTP_PORT = "EMBEDDING_HTTP_PORT";

    /** The address that the port is opened on; without it every address of the host. */
    public static final String HTTP_ADDRESS = "EMBEDDING_HTTP_ADDRESS";

    /** The folder that a volume source's relative path belongs to: the mount in a pod, else the working folder. */
    public static final String SOURCE_FOLDER = "EMBEDDING_SOURCE_FOLDER";

    /** {@code text} (the default) or {@code json}: how log lines are written. */
    public static final String LOG_FORMAT = "EMBEDDING_LOG_FORMAT";

    /** Where the final progress document is written for Kubernetes to pick up. */
    public static final String TERMINATION_MESSAGE_PATH = "EMBEDDING_TERMINATION_MESSAGE_PATH";

    /** Where downloaded models are kept between runs. */
    public static final String CACHE_FOLDER = "EMBEDDING_OPERATOR_CACHE";

    /** Access token of the Hugging Face hub, for gated and private models. Sent to the hub alone, and never printed. */
    public static final String HUB_TOKEN = "HF_TOKEN";

    /** A mirror of the Hugging Face hub, in place of https://huggingface.co. */
    public static final String HUB_ENDPOINT = "HF_ENDPOINT";

    /**
     * Hosts that a model's server may redirect a download to, beside itself and the Hugging Face hub's: with commas between them,
     * {@code *.example.com} for all below one. In a cluster no manifest may set it unless the operator was installed to allow it.
     */
    public static final String MODEL_REDIRECT_HOSTS = "MODEL_REDIRECT_HOSTS";

    private EnvironmentVariable() {}

    /**
     * The variable of a secret header of requests to the OpenAI endpoint. Never printed.
     *
     * @param name of the header
     */
    public static String ofOpenAiHeader(String name) {
        return "EMBEDDING_OPENAI_HEADER_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
