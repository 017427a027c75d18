package io.embeddingoperator.openai.simulator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.openai.simulator.account.Account;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Plain HTTP, for what OpenAI's client would never send or show. */
public final class TestingHttp {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client;

    public TestingHttp(HttpClient.Version version) {
        client = HttpClient.newBuilder().version(version).build();
    }

    public HttpResponse<String> post(URI uri, String body, String... headers) throws IOException, InterruptedException {
        return client.send(request(uri, body, headers), BodyHandlers.ofString());
    }

    /** The body as it came, in its encoding. */
    public HttpResponse<byte[]> bytes(URI uri, String body) throws IOException, InterruptedException {
        return client.send(request(uri, body), BodyHandlers.ofByteArray());
    }

    private static HttpRequest request(URI uri, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofMinutes(1))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length == 0) {
            request.header("authorization", "Bearer " + Account.DEFAULT.key());
        } else {
            request.headers(headers);
        }
        return request.build();
    }

    public HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofMinutes(1))
                        .header("authorization", "Bearer " + Account.DEFAULT.key())
                        .build(),
                BodyHandlers.ofString());
    }

    public static JsonNode json(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body());
    }
}
