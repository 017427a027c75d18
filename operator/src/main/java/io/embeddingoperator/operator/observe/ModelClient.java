package io.embeddingoperator.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointStatus.AnsweringModel;
import io.embeddingoperator.api.v1alpha1.Limit;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a pod of an endpoint which model it answers with. */
public final class ModelClient implements AutoCloseable {
    /** A longer answer is unusable: a pod tells of one model. */
    private static final int MAX_ANSWER_BYTES = 16 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Logger LOG = LoggerFactory.getLogger(ModelClient.class);

    private final Duration timeout;
    private final HttpClient http;

    /** @param timeout how long a pod may take from the connection to the last byte of its answer */
    public ModelClient(Duration timeout) {
        this.timeout = timeout;
        // A pod's address is valid in this network only: a proxy elsewhere might reach another pod by it.
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(timeout)
                .build();
    }

    /** What the first ready one of the pods answers; empty where none is ready, or its answer is none. */
    public Optional<AnsweringModel> ask(List<Pod> pods) {
        return pods.stream()
                .filter(ModelClient::isReady)
                .map(PodAddress::of)
                .flatMap(Optional::stream)
                .findFirst()
                .flatMap(address -> ask(address.uri("/v1/models")));
    }

    private Optional<AnsweringModel> ask(URI models) {
        CompletableFuture<HttpResponse<byte[]>> response = http.sendAsync(
                HttpRequest.newBuilder(models).timeout(timeout).build(),
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
        try {
            // The request's own timeout ends with the headers.
            return read(response.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("{} cannot be asked: {}", models, e.toString());
            return Optional.empty();
        } finally {
            response.cancel(true);
        }
    }

    private static Optional<AnsweringModel> read(HttpResponse<byte[]> response) {
        try {
            JsonNode model = JSON.readTree(new String(response.body(), StandardCharsets.UTF_8))
                    .at("/data/0");
            String name = model.path("id").asText();
            String fingerprint = model.path("fingerprint").asText();
            int dimensions = model.path("dimensions").asInt();
            boolean fits = name.length() <= Limit.MODEL && fingerprint.length() <= Limit.SHA256;
            return response.statusCode() == 200 && fits && !name.isEmpty() && dimensions > 0
                    ? Optional.of(new AnsweringModel(name, fingerprint, dimensions))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static boolean isReady(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
