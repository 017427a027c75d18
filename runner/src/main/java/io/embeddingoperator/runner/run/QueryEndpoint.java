package io.embeddingoperator.runner.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.contract.PrintableText;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.runner.embed.onnx.model.FileHash;
import io.embeddingoperator.runner.failure.ConnectionFault;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.http.BlockingWebClient;
import io.embeddingoperator.runner.http.WebExchange;
import io.embeddingoperator.runner.http.WebReply;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/** An endpoint, as {@code serve} opens one, that embeds search texts in place of a model on this machine. */
final class QueryEndpoint implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration REPLY = Duration.ofSeconds(30);
    private static final int LONGEST_REPLY = 1024 * 1024;
    private static final String FORM =
            "--endpoint is '%s': give the URL of an EmbeddingEndpoint or of serve, for example http://127.0.0.1:8080";

    private final URI base;
    private final BlockingWebClient http =
            BlockingWebClient.open(new HttpClientOptions().setConnectTimeout((int) CONNECT.toMillis()));

    private QueryEndpoint(URI base) {
        this.base = base;
    }

    /**
     * Asks the endpoint nothing yet.
     *
     * @param url with or without the {@code /v1} that clients of OpenAI want
     * @throws SpecificationException when it is no URL of a server
     */
    static QueryEndpoint open(String url) {
        URI uri;
        try {
            uri = URI.create(url.replaceFirst("/+$", "").replaceFirst("/v1$", "") + "/v1/");
        } catch (IllegalArgumentException e) {
            throw new SpecificationException(FORM.formatted(PrintableText.of(url)), e);
        }
        boolean isWeb = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!isWeb || uri.getHost() == null || uri.getUserInfo() != null || uri.getQuery() != null) {
            throw new SpecificationException(FORM.formatted(PrintableText.of(url)));
        }
        return new QueryEndpoint(uri);
    }

    /**
     * The model that it answers with.
     *
     * @param fingerprint a checksum of all that decides a document's vector
     */
    record Model(String name, String fingerprint, DistanceMetric metric) {
        /** @throws SpecificationException unless the table is known to be filled by this very model */
        void check(Optional<String> recipe, String table) {
            if (recipe.isEmpty()) {
                throw new SpecificationException(
                        ("nothing tells which model filled %s, so that an endpoint's vectors may mean nothing beside its own: run"
                                        + " the job first, or let the sink's role SELECT from embedding_operator.runs; or search"
                                        + " without --endpoint")
                                .formatted(table));
            }
            if (!FileHash.sha256(Recipe.read(recipe.get()).embedding()).equals(fingerprint)) {
                throw new SpecificationException(
                        ("the endpoint answers with another model, or other settings of it, than %s was filled with: distances"
                                        + " between them mean nothing; ask the endpoint of the job that filled the table")
                                .formatted(table));
            }
        }
    }

    Model model() throws InterruptedException {
        JsonNode model = answer(HttpMethod.GET, "models", Optional.empty()).at("/data/0");
        String metric = model.path("metric").asText();
        return Stream.of(DistanceMetric.values())
                .filter(each -> each.name().equals(metric))
                .findFirst()
                .map(each -> new Model(
                        model.path("id").asText(), model.path("fingerprint").asText(), each))
                .orElseThrow(() -> new SpecificationException(
                        "%smodels does not tell what an EmbeddingEndpoint of this release tells of its model: %s"
                                .formatted(base, "give the URL of such an endpoint with --endpoint")));
    }

    /** @return its vector, as a search text */
    float[] embed(String text, Model model) throws InterruptedException {
        JsonNode request = JSON.valueToTree(Map.of("model", model.name(), "input", text, "input_type", "query"));
        JsonNode numbers =
                answer(HttpMethod.POST, "embeddings", Optional.of(request)).at("/data/0/embedding");
        float[] vector = new float[numbers.size()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = numbers.get(i).floatValue();
        }
        return vector;
    }

    @Override
    public void close() {
        http.close();
    }

    private JsonNode answer(HttpMethod method, String path, Optional<JsonNode> body) throws InterruptedException {
        URI url = base.resolve(path);
        WebExchange.Sending sending = request -> body.isEmpty()
                ? request.send()
                : request.putHeader("content-type", "application/json")
                        .sendBuffer(Buffer.buffer(body.get().toString()));
        WebReply.Whole reply;
        try {
            reply = http.exchange(method, url).whole(sending, LONGEST_REPLY, REPLY);
        } catch (ExecutionException e) {
            throw unreachable(url, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw unreachable(url, e);
        }
        JsonNode json = json(reply);
        if (reply.status() == 200) {
            return json;
        }
        String sentence = "%s answers %d: %s"
                .formatted(
                        url,
                        reply.status(),
                        PrintableText.of(json.at("/error/message").asText()));
        throw reply.status() == 429 || reply.status() >= 500
                ? new UnavailableException(sentence, null)
                : new SpecificationException(sentence);
    }

    /** Nothing where it is no JSON: the caller misses what it looks for, and says so. */
    private static JsonNode json(WebReply.Whole reply) {
        try {
            return JSON.readTree(reply.body().getBytes());
        } catch (JacksonException e) {
            return JSON.missingNode();
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory are always read", e);
        }
    }

    private static UnavailableException unreachable(URI url, Throwable fault) {
        return new UnavailableException(
                "the endpoint cannot be asked: %s: check --endpoint".formatted(ConnectionFault.clause(fault, url)),
                fault);
    }
}
