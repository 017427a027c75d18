package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI, or a server that speaks its API.
 *
 * @param model the name of the model, for example {@code text-embedding-3-small}: its tokens are counted, and its price is known
 * @param dimensions the length of a vector, for example 1536
 * @param baseUrl the URL under which the API is served, for example {@code https://llm.example.com/v1}; without it the server's
 *     own, where it has one for everyone
 * @param server who serves it
 * @param apiVersion the api-version that Azure OpenAI wants for deployments, for example {@code 2024-10-21}; without it none is
 *     sent
 * @param apiKey the API key; without it none is sent, which servers of one's own may take
 * @param mode how texts are submitted
 * @param batchThreshold pending documents above which mode Auto uses the Batch API, for example 50000
 * @param maxTokens the most tokens of one text, the prefix included, for example 2048; a longer text is cut, which is counted
 * @param prefix a text put before every document, for example {@code "passage: "}; without it none
 * @param queryPrefix a text put before every search text, for example {@code "query: "}; without it none
 * @param limits what the server takes, where it differs from what is known of its kind; without it what is known counts
 * @param price what tokens cost, where the runner's table of prices does not say it; without it the table's price
 * @param deployment the name under which the server has the model, where it is another one, for example {@code prod-embeddings}:
 *     a deployment of Azure OpenAI, an alias of a proxy; without it the name of the model
 * @param sendDimensions whether requests ask for vectors of that length
 * @param caBundle who vouches for the server's certificate, where it is an authority of one's own; without it the public
 *     authorities do
 * @param organization the organization that is billed, where the key belongs to several, for example {@code org-abc123}; without
 *     it the key's usual one
 * @param project the project that is billed, where the key belongs to several, for example {@code proj_abc123}; without it the
 *     key's usual one
 * @param batchDeployment the name under which the server has the model for batches, where it is another one, for example {@code
 *     batch-embeddings}: a deployment of type Global Batch of Azure OpenAI; without it that of other requests
 * @param headers headers of every request, which gateways on the way want; without them the runner sends its own alone
 * @param requestTimeoutSeconds seconds after which a request is given up that has no whole reply, for example 300; without it
 *     two minutes of silence, and five minutes in all
 * @param azureIdentity the identity of Microsoft Entra ID that asks Azure OpenAI in place of a key; without it the key asks
 * @param clientCertificate the certificate of the runner, where the server or a gateway asks for one; without it none is shown
 * @param documentFields further members of the body of a request for documents, as the server knows them, for example {@code
 *     input_type: passage}; a value that is JSON is sent as JSON, any other as a text, and null leaves out what the runner sends
 *     by itself; without them it sends what the kind of server wants
 * @param queryFields those of a request for a search text, where they differ from those for documents, for example {@code
 *     input_type: query}; without them as for documents
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value =
                "has(self.apiKey) || self.server in ['TextEmbeddingsInference', 'VLLM', 'Infinity', 'Ollama', 'LiteLLM',"
                        + " 'LlamaCpp'] || has(self.azureIdentity)"
                        + " || has(self.headers) && self.headers.exists(h, has(h.secretKeyRef))",
        message = "apiKey is missing: name the Secret key that holds the API key",
        fieldPath = ".apiKey")
@ValidationRule(
        value = "has(self.baseUrl) || self.server in ['OpenAI', 'Gemini', 'Mistral', 'Voyage', 'Cohere', 'Jina',"
                + " 'DashScope']",
        messageExpression =
                "'baseUrl is missing: server %s has no address of its own, so give the URL under which it is"
                        + " served'.format([self.server])",
        fieldPath = ".baseUrl")
@ValidationRule(
        value = "!has(self.azureIdentity) || self.server == 'AzureOpenAI'",
        messageExpression =
                "'azureIdentity is not for server %s: set server to AzureOpenAI, or remove it'.format([self.server])",
        fieldPath = ".azureIdentity")
@ValidationRule(
        value = "!has(self.azureIdentity) || !has(self.apiKey)",
        message = "azureIdentity asks in place of a key: remove it, or apiKey",
        fieldPath = ".azureIdentity")
@ValidationRule(
        value =
                "!has(self.headers) || self.headers.all(h, self.headers.exists_one(o, o.name.lowerAscii().replace('_', '-')"
                        + " == h.name.lowerAscii().replace('_', '-')))",
        message = "headers has a name twice, in other letters or with _ for -: remove one of them",
        fieldPath = ".headers")
@ValidationRule(
        value =
                "self.mode != 'Batch' || self.server in ['OpenAI', 'AzureOpenAI', 'LiteLLM', 'VLLM', 'Mistral', 'Gemini']",
        messageExpression = "'mode is Batch, which server %s does not have: use Realtime'.format([self.server])",
        fieldPath = ".mode")
@ValidationRule(
        value = "!has(self.documentFields) || !" + OpenAiEmbedder.WRITTEN
                + ".exists(name, name in self.documentFields)",
        messageExpression = "'documentFields has %s, " + OpenAiEmbedder.WRITTEN_ADVICE + "'.format(["
                + OpenAiEmbedder.WRITTEN + ".filter(name, name in self.documentFields)[0]])",
        fieldPath = ".documentFields")
@ValidationRule(
        value = "!has(self.queryFields) || !" + OpenAiEmbedder.WRITTEN + ".exists(name, name in self.queryFields)",
        messageExpression = "'queryFields has %s, " + OpenAiEmbedder.WRITTEN_ADVICE + "'.format(["
                + OpenAiEmbedder.WRITTEN + ".filter(name, name in self.queryFields)[0]])",
        fieldPath = ".queryFields")
public record OpenAiEmbedder(
        @Required @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK)
        String model,

        @Required @Min(1) @Max(Limit.DIMENSIONS) Integer dimensions,

        @Size(max = Limit.URL) @Pattern(Field.HTTP_URL) String baseUrl,
        @Default("OpenAI") OpenAiServer server,

        @Size(max = Limit.VERSION) @Pattern(Field.NOT_BLANK) @Nullable
        String apiVersion,

        @Nullable SecretValue apiKey,
        @Default("Auto") OpenAiMode mode,
        @Default("10000") @Min(0) Integer batchThreshold,
        @Default("8191") @Min(8) Integer maxTokens,
        @Size(max = Limit.PREFIX) String prefix,
        @Size(max = Limit.PREFIX) String queryPrefix,
        OpenAiLimits limits,
        @Nullable OpenAiPrice price,

        @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK) @Nullable
        String deployment,

        @Default("Auto") @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Unsaid.DimensionsAsNeeded.class)
        SendDimensions sendDimensions,

        @Nullable CaBundle caBundle,

        @Size(max = Limit.NAME) @Pattern(OpenAiEmbedder.HEADER) @Nullable
        String organization,

        @Size(max = Limit.NAME) @Pattern(OpenAiEmbedder.HEADER) @Nullable
        String project,

        @Size(max = Limit.MODEL) @Pattern(Field.NOT_BLANK) @Nullable
        String batchDeployment,

        @Size(max = Limit.HEADERS) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<OpenAiHeader> headers,

        @Min(OpenAiEmbedder.LEAST_TIMEOUT) @Max(OpenAiEmbedder.MOST_TIMEOUT) @Nullable
        Integer requestTimeoutSeconds,

        @Nullable AzureIdentity azureIdentity,
        @Nullable ClientCertificate clientCertificate,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = Limit.ENTRIES)
        Map<String, @Size(max = Limit.VALUE) String> documentFields,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = Limit.ENTRIES)
        Map<String, @Size(max = Limit.VALUE) String> queryFields)
        implements Embedder {
    static final SendDimensions DEFAULT_SEND_DIMENSIONS = SendDimensions.Auto;

    /** Members of a request's body that the runner writes itself, as a list of CEL. */
    static final String WRITTEN = "['input', 'model', 'dimensions', 'output_dimension', 'encoding_format']";

    static final String WRITTEN_ADVICE =
            "which the runner writes itself: remove it; model, deployment, dimensions and sendDimensions say what is written";

    /** Printable characters alone, as the value of a header may have. */
    static final String HEADER = "^[!-~]+$";

    static final int LEAST_TIMEOUT = 5;
    static final int MOST_TIMEOUT = 1_800;

    public OpenAiEmbedder {
        Field.requiredText(model, "spec.embedder.openai.model", "for example text-embedding-3-small");
        Field.required(dimensions, "spec.embedder.openai.dimensions", "give the length of a vector, for example 1536");
        Field.between(dimensions, 1, Limit.DIMENSIONS, "spec.embedder.openai.dimensions");
        server = Field.orElse(server, OpenAiServer.OpenAI);
        baseUrl = Field.httpUrl(url(baseUrl, server), "spec.embedder.openai.baseUrl");
        Field.optionalText(apiVersion, "spec.embedder.openai.apiVersion", "for example 2024-10-21");
        headers = OpenAiHeader.checked(headers, "spec.embedder.openai.headers");
        if (azureIdentity != null) {
            Field.check(
                    server == OpenAiServer.AzureOpenAI,
                    "spec.embedder.openai.azureIdentity is not for server %s: set server to AzureOpenAI, or remove it"
                            .formatted(server));
            Field.check(
                    apiKey == null, "spec.embedder.openai.azureIdentity asks in place of a key: remove it, or apiKey");
        } else if (server.needsKey() && headers.stream().noneMatch(header -> header.secretKeyRef() != null)) {
            Field.required(apiKey, "spec.embedder.openai.apiKey", "name the Secret key that holds the API key");
        }
        mode = Field.orElse(mode, OpenAiMode.Auto);
        Field.check(
                mode != OpenAiMode.Batch || server.hasBatches(),
                "spec.embedder.openai.mode is Batch, which server %s does not have: use Realtime".formatted(server));
        batchThreshold = Field.between(
                Field.orElse(batchThreshold, 10_000), 0, Integer.MAX_VALUE, "spec.embedder.openai.batchThreshold");
        maxTokens =
                Field.between(Field.orElse(maxTokens, 8_191), 8, Integer.MAX_VALUE, "spec.embedder.openai.maxTokens");
        prefix = Field.orElse(prefix, "");
        queryPrefix = Field.orElse(queryPrefix, "");
        limits = Field.orElse(limits, OpenAiLimits.NONE);
        Field.optionalText(deployment, "spec.embedder.openai.deployment", "for example prod-embeddings");
        sendDimensions = Field.orElse(sendDimensions, DEFAULT_SEND_DIMENSIONS);
        if (requestTimeoutSeconds != null) {
            Field.between(
                    requestTimeoutSeconds, LEAST_TIMEOUT, MOST_TIMEOUT, "spec.embedder.openai.requestTimeoutSeconds");
        }
        header(organization, "organization", "for example org-abc123");
        header(project, "project", "for example proj_abc123");
        Field.optionalText(batchDeployment, "spec.embedder.openai.batchDeployment", "for example batch-embeddings");
        documentFields = fields(documentFields, "documentFields");
        queryFields = fields(queryFields, "queryFields");
    }

    private static String url(@Nullable String given, OpenAiServer server) {
        return Field.required(
                given == null ? server.publicUrl().orElse(null) : given,
                "spec.embedder.openai.baseUrl",
                "server %s has no address of its own, so give the URL under which it is served".formatted(server));
    }

    private static void header(@Nullable String value, String name, String advice) {
        Field.check(
                value == null || Field.matches(HEADER, value),
                () -> "spec.embedder.openai.%s is no name: give it without spaces, %s".formatted(name, advice));
    }

    /** Whether documents may go through batches. */
    public boolean usesBatches() {
        return switch (mode) {
            case Batch -> true;
            case Auto -> server.batchesInAuto();
            case Realtime -> false;
        };
    }

    private static Map<String, String> fields(@Nullable Map<String, String> values, String name) {
        String field = "spec.embedder.openai." + name;
        Map<String, String> fields = Field.entries(values, field);
        for (String written : WRITTEN.replaceAll("[\\[\\]' ]", "").split(",")) {
            Field.check(!fields.containsKey(written), () -> "%s has %s, %s".formatted(field, written, WRITTEN_ADVICE));
        }
        return fields;
    }

    /** The name of the model that requests carry. */
    public String sentModel() {
        return Field.orElse(deployment, model);
    }

    /** After which a request is given up, where the manifest says it. */
    public Optional<Duration> requestTimeout() {
        return Optional.ofNullable(requestTimeoutSeconds).map(Duration::ofSeconds);
    }
}
