package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiLimits;
import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.Packing;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.embed.openai.pacing.Governor;
import io.embeddingoperator.runner.embed.openai.pacing.Hints;
import io.embeddingoperator.runner.embed.openai.server.RequestMembers;
import io.embeddingoperator.runner.embed.openai.server.ServerPreset;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.memory.ProcessMemory;
import io.embeddingoperator.runner.money.Budget;
import io.embeddingoperator.runner.money.Prices;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Embeds by asking OpenAI, or a server that speaks its API, for each batch at once. A batch is one request, so that one that fails
 * has cost nothing. Nothing is sent before the first text is embedded.
 */
public final class OpenAiTextEmbedder implements Embedder {
    private static final Logger LOG = LoggerFactory.getLogger(OpenAiTextEmbedder.class);

    /** What the process takes beside its heap: classes, compiled code, threads and the buffers of its connections. */
    private static final long PROCESS_BYTES = 176L << 20;

    private final OpenAiEmbedder spec;
    private final ServerPreset preset;
    private final OpenAiTokenizer tokenizer;
    private final OpenAiTokenizer queryTokenizer;
    private final OpenAiHttp http;
    private final Governor governor;
    private final ProviderRequests requests;
    private final ProviderRequests searches;

    private OpenAiTextEmbedder(OpenAiEmbedder spec, OpenAiEndpoint endpoint, ProviderRequests.Patience patience) {
        KnownModels.check(spec);
        this.spec = spec;
        this.preset = withinMemory(ServerPreset.of(spec), spec);
        this.tokenizer = tokenizer(spec, spec.prefix(), "prefix");
        this.queryTokenizer = tokenizer(spec, spec.queryPrefix(), "queryPrefix");
        this.governor = new Governor(hints(spec.limits()));
        this.http = OpenAiHttp.open(endpoint, preset.concurrency());
        this.requests = requests(tokenizer, RequestMembers.ofDocuments(spec), patience);
        this.searches = requests(queryTokenizer, RequestMembers.ofQueries(spec), patience);
    }

    private ProviderRequests requests(
            OpenAiTokenizer texts, Map<String, String> members, ProviderRequests.Patience patience) {
        return new ProviderRequests(
                texts,
                http,
                governor,
                preset,
                new EmbeddingRequest(spec.sentModel(), members, preset.form()),
                spec.dimensions(),
                Prices.of(spec).map(Prices::realtime),
                patience,
                System::nanoTime);
    }

    private static ServerPreset withinMemory(ServerPreset preset, OpenAiEmbedder spec) {
        ServerPreset within = preset.within(Runtime.getRuntime().maxMemory(), spec.dimensions());
        if (within.concurrency() < preset.concurrency()) {
            LOG.info(
                    "{} of {} requests at a time: a heap of {} MiB has no room for more replies",
                    within.concurrency(),
                    preset.concurrency(),
                    Runtime.getRuntime().maxMemory() >> 20);
        }
        return within;
    }

    /**
     * @param variables of the process, which hold the API key
     * @throws SpecificationException when the manifest cannot work
     */
    public static OpenAiTextEmbedder open(OpenAiEmbedder spec, Map<String, String> variables) {
        ProcessMemory.ofThisProcess().parts(PROCESS_BYTES, 1, 1, "requests to %s".formatted(spec.model()));
        OpenAiEndpoint endpoint = OpenAiEndpoint.of(spec, variables);
        if (endpoint.exposesSecret()) {
            LOG.warn(
                    "what proves who asks goes to {} unencrypted: use an https URL in spec.embedder.openai.baseUrl",
                    endpoint);
        }
        return new OpenAiTextEmbedder(spec, endpoint, ProviderRequests.Patience.of(spec));
    }

    /** Only its tokens and numbers are of use: nothing it sends would be answered. */
    public static OpenAiTextEmbedder openForCounting(OpenAiEmbedder spec) {
        return new OpenAiTextEmbedder(spec, OpenAiEndpoint.withoutKey(spec), ProviderRequests.Patience.USUAL);
    }

    /** For tests, which have less time. */
    static OpenAiTextEmbedder open(
            OpenAiEmbedder spec, Map<String, String> variables, ProviderRequests.Patience patience) {
        return new OpenAiTextEmbedder(spec, OpenAiEndpoint.of(spec, variables), patience);
    }

    /** From now on requests are paid from a run's budget, and told of. */
    public void begin(Budget budget, ProviderListener listener) {
        requests.begin(budget, listener);
        searches.begin(budget, listener);
    }

    /** Why nothing comes back just now; empty while it does. */
    public Optional<Progress.Waiting> waiting() {
        return requests.waiting();
    }

    /** What all requests to this endpoint go through, those of batches included. */
    public OpenAiHttp http() {
        return http;
    }

    @Override
    public String description() {
        return "%s of %d dimensions at %s, up to %,d tokens and %,d texts a request, %s%s%s"
                .formatted(
                        spec.model(),
                        spec.dimensions(),
                        http.endpoint(),
                        preset.maxTokens(),
                        preset.maxTexts(),
                        Prices.of(spec)
                                .map(prices -> "%s USD a million tokens (%s)"
                                        .formatted(
                                                prices.realtime()
                                                        .usdPerMillionTokens()
                                                        .toPlainString(),
                                                prices.origin()))
                                .orElse("price unknown"),
                        OpenAiTokenizer.knows(spec.model())
                                ? ""
                                : ", tokens counted as OpenAI's models count, which is an estimate",
                        told(RequestMembers.documentFields(spec)));
    }

    private static String told(Map<String, String> fields) {
        return fields.isEmpty() ? "" : ", documents sent with " + RequestMembers.text(fields);
    }

    /** Neither who serves the model nor how it is asked changes a vector, but for what is said of the texts. */
    @Override
    public String fingerprint() {
        String fingerprint =
                "openai|%s|%d|%d|%s".formatted(spec.model(), spec.dimensions(), tokenizer.maxTokens(), spec.prefix());
        Map<String, String> fields = RequestMembers.documentFields(spec);
        return fields.isEmpty() ? fingerprint : fingerprint + " documentFields=" + RequestMembers.text(fields);
    }

    @Override
    public int dimensions() {
        return spec.dimensions();
    }

    @Override
    public OpenAiTokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public BatchLimits batchLimits() {
        RequestSize size = requests.size();
        int tokens = Math.clamp(governor.preferredRequestTokens(), 1, size.tokens());
        return new BatchLimits(tokens, size.texts(), Packing.SUMMED);
    }

    @Override
    public int concurrency() {
        return preset.concurrency();
    }

    @Override
    public void stop() {
        requests.stop();
        searches.stop();
    }

    @Override
    public boolean isBilled() {
        return spec.server().mayBill() || Prices.of(spec).isPresent();
    }

    @Override
    public float[][] embed(List<TokenizedText> batch) throws EmbeddingException, InterruptedException {
        return requests.vectors(batch);
    }

    @Override
    public float[] embedQuery(String text) throws EmbeddingException, InterruptedException {
        return searches.vectors(List.of(queryTokenizer.tokenize(text)))[0];
    }

    @Override
    public void close() {
        requests.size().advice().ifPresent(LOG::info);
        http.close();
    }

    private static OpenAiTokenizer tokenizer(OpenAiEmbedder spec, String prefix, String field) {
        int most = KnownModels.mostTokens(spec);
        try {
            return OpenAiTokenizer.of(spec.model(), most, prefix);
        } catch (IllegalArgumentException e) {
            throw new SpecificationException(
                    "spec.embedder.openai.maxTokens is %d: %s; raise it or shorten spec.embedder.openai.%s"
                            .formatted(most, e.getMessage(), field));
        }
    }

    private static Hints hints(OpenAiLimits limits) {
        return new Hints(optional(limits.requestsPerMinute()), optional(limits.tokensPerMinute()));
    }

    private static OptionalLong optional(@Nullable Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
