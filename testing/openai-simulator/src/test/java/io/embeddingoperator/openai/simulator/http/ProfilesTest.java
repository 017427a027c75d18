package io.embeddingoperator.openai.simulator.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.openai.simulator.testing.TestingHttp;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProfilesTest {
    private static final String[] NO_KEY = {"accept", "application/json"};
    private static final String[] AZURE_KEY = {"api-key", Account.DEFAULT.key()};

    private final TestingHttp http = new TestingHttp(Version.HTTP_1_1);
    private OpenAiSimulator simulator;

    @AfterEach
    void close() {
        simulator.close();
    }

    private void start(Profile profile) {
        simulator = OpenAiSimulator.start(SimulatorSettings.defaults().withProfile(profile));
    }

    private HttpResponse<String> post(String input, String format, String... headers) throws Exception {
        return post("/embeddings", input, format, headers);
    }

    private HttpResponse<String> post(String path, String input, String format, String... headers) throws Exception {
        String base = simulator.baseUri().toString();
        String uri = (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
        return http.post(
                URI.create(uri),
                "{\"model\":\"text-embedding-3-small\",\"input\":%s,\"encoding_format\":\"%s\"}"
                        .formatted(input, format),
                headers);
    }

    @Test
    void openAiRefusesWhatItDoesNotKnow() throws Exception {
        start(Profile.OPENAI);
        URI uri = URI.create(simulator.baseUri() + "/embeddings");

        HttpResponse<String> unknown = http.post(
                uri,
                "{\"model\":\"text-embedding-3-small\",\"input\":\"a\",\"encoding_format\":\"float\",\"truncate\":true}");
        HttpResponse<String> noJson = http.post(uri, "{");
        HttpResponse<String> noKey = http.post(uri, "{}", NO_KEY);
        HttpResponse<String> noFormat = http.post(uri, "{\"model\":\"text-embedding-3-small\",\"input\":\"a\"}");
        HttpResponse<String> nowhere = http.get(URI.create(simulator.baseUri() + "/nowhere"));

        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(TestingHttp.json(unknown).path("error").path("message").asText())
                .isEqualTo("Unrecognized request argument supplied: truncate");
        assertThat(noJson.statusCode()).isEqualTo(400);
        assertThat(noKey.statusCode()).isEqualTo(401);
        assertThat(noFormat.statusCode()).isEqualTo(200);
        assertThat(nowhere.statusCode()).isEqualTo(404);
        assertThat(simulator.violations()).hasSize(3);
    }

    @Test
    void azureServesDeploymentsForItsOwnHeader() throws Exception {
        start(Profile.AZURE);
        URI deployment = simulator
                .root()
                .resolve("/openai/deployments/text-embedding-3-small/embeddings?api-version=2024-10-21");
        String body = "{\"input\":\"a\",\"encoding_format\":\"float\"}";

        HttpResponse<String> reply = http.post(deployment, body, AZURE_KEY);
        HttpResponse<String> withoutVersion = http.post(
                simulator.root().resolve("/openai/deployments/text-embedding-3-small/embeddings"), body, AZURE_KEY);
        HttpResponse<String> version1 = post("\"a\"", "float", AZURE_KEY);
        simulator.limit(ModelLimits.perMinute(100, 2));
        http.post(deployment, "{\"input\":\"a b\",\"encoding_format\":\"float\"}", AZURE_KEY);
        HttpResponse<String> refused =
                http.post(deployment, "{\"input\":\"a b\",\"encoding_format\":\"float\"}", AZURE_KEY);

        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.headers().firstValue("x-ratelimit-reset-requests")).contains("1");
        assertThat(withoutVersion.statusCode()).isEqualTo(404);
        assertThat(version1.statusCode()).isEqualTo(200);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("retry-after")).isPresent();
        assertThat(refused.headers().firstValue("retry-after-ms")).isPresent();
        assertThat(refused.headers().firstValue("x-ratelimit-remaining-tokens")).contains("-1");
        JsonNode error = TestingHttp.json(refused).path("error");
        assertThat(error.path("code").asText()).isEqualTo("429");
        assertThat(error.has("type")).isFalse();
    }

    @Test
    void textEmbeddingsInferenceTakes32TextsAndWritesErrorsWithoutAWrapper() throws Exception {
        start(Profile.TEXT_EMBEDDINGS_INFERENCE);

        HttpResponse<String> refused = post("[" + "\"a\",".repeat(32) + "\"a\"]", "float", NO_KEY);

        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(TestingHttp.json(refused).path("code").isInt()).isTrue();
        assertThat(TestingHttp.json(refused).path("message").asText()).contains("maximum allowed batch size 32");
        assertThat(post("[" + "\"a\",".repeat(31) + "\"a\"]", "base64", NO_KEY).statusCode())
                .isEqualTo(200);
        assertThat(post("\"" + "a".repeat(2_000_001) + "\"", "float", NO_KEY).statusCode())
                .isEqualTo(413);
        assertThat(http.get(URI.create(simulator.baseUri() + "/batches")).statusCode())
                .isEqualTo(404);
    }

    @Test
    void vllmOfOldKnowsNoBase64() throws Exception {
        start(Profile.VLLM_WITHOUT_BASE64);

        assertThat(post("\"a\"", "float", NO_KEY).statusCode()).isEqualTo(200);
        HttpResponse<String> refused = post("\"a\"", "base64", NO_KEY);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(TestingHttp.json(refused).path("object").asText()).isEqualTo("error");
    }

    @Test
    void infinityServesWithoutAPrefixAndNumbersItsErrors() throws Exception {
        start(Profile.INFINITY);

        assertThat(post("\"a\"", "float", NO_KEY).statusCode()).isEqualTo(200);
        assertThat(TestingHttp.json(post("\"\"", "float", NO_KEY))
                        .path("error")
                        .path("code")
                        .isInt())
                .isTrue();
    }

    @Test
    void ollamaTakesNoTokens() throws Exception {
        start(Profile.OLLAMA);

        assertThat(post("\"a\"", "float", NO_KEY).statusCode()).isEqualTo(200);
        assertThat(post("[1,2,3]", "float", NO_KEY).statusCode()).isEqualTo(400);
    }

    @Test
    void liteLlmWritesTheStatusAsText() throws Exception {
        start(Profile.LITELLM);

        assertThat(TestingHttp.json(post("\"\"", "float", NO_KEY))
                        .path("error")
                        .path("code")
                        .asText())
                .isEqualTo("400");
        assertThat(TestingHttp.json(post("\"\"", "float", NO_KEY))
                        .path("error")
                        .path("code")
                        .isTextual())
                .isTrue();
    }
}
