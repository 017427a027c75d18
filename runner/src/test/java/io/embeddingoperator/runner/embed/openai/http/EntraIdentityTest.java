package io.embeddingoperator.runner.embed.openai.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.AzureIdentity;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.testing.TestingOpenAi;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntraIdentityTest {
    private static final byte[] BODY = "{}".getBytes(UTF_8);
    private static final AzureIdentity OF_THE_POD = new AzureIdentity(null, null, null);

    /** The first part is what an assertion begins with. */
    private static final String ASSERTION = "eyJhbGciOiJSUzI1NiJ9.of-this-pod.signature";

    @TempDir
    private Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-26T06:00:00Z"));
    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return now.get();
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };

    @Test
    void oneTokenServesManyRequestsAndAnotherOneIsGotBeforeItEnds() throws Exception {
        try (TestingEndpoint entra = giving();
                TestingEndpoint server =
                        TestingEndpoint.answering(request -> request.response().end("{}"));
                OpenAiHttp http = http(server, entra)) {
            List<Callable<Integer>> requests = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                requests.add(() -> http.post("/embeddings", BODY).status());
            }
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Integer> request : threads.invokeAll(requests)) {
                    assertThat(request.get()).isEqualTo(200);
                }
            }

            assertThat(entra.requests()).hasSize(1);
            assertThat(entra.requests().getFirst().path()).isEqualTo("/a-tenant/oauth2/v2.0/token");
            assertThat(form(entra.body()))
                    .containsEntry("grant_type", "client_credentials")
                    .containsEntry("client_id", "a-client")
                    .containsEntry("scope", "https://cognitiveservices.azure.com/.default")
                    .containsEntry("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                    .containsEntry("client_assertion", ASSERTION);

            now.updateAndGet(time -> time.plus(Duration.ofMinutes(54)));
            http.post("/embeddings", BODY);
            now.updateAndGet(time -> time.plus(Duration.ofMinutes(2)));
            http.download("/files/f/content").close();

            assertThat(entra.requests()).as("five minutes before its end").hasSize(2);
            assertThat(server.requests())
                    .extracting(request -> request.getHeader("authorization"))
                    .endsWith("Bearer token-number-1", "Bearer token-number-2");
        }
    }

    @Test
    void anOlderTokenThatIsRefusedIsExchangedOnceAndANewOneIsTheProvidersVerdict() throws Exception {
        try (TestingEndpoint entra = giving();
                TestingEndpoint server = TestingEndpoint.answering(request -> request.response()
                        .setStatusCode("Bearer token-number-2".equals(request.getHeader("authorization")) ? 200 : 401)
                        .end("{\"message\":\"token-number-1 is revoked\",\"data\":[]}"));
                OpenAiHttp http = http(server, entra)) {
            OpenAiFailure.Unauthorized refused = (OpenAiFailure.Unauthorized) failure(http);
            assertThat(refused.sentence())
                    .contains(
                            "(*** is revoked): check the identity of spec.embedder.openai.azureIdentity (it needs the role"
                                    + " Cognitive Services OpenAI User at the resource) and what it may do");
            assertThat(entra.requests()).hasSize(1);

            now.updateAndGet(time -> time.plus(Duration.ofMinutes(2)));

            assertThat(http.post("/embeddings", BODY).status()).isEqualTo(200);
            assertThat(server.requests().getLast().getHeader("authorization")).isEqualTo("Bearer token-number-2");
            assertThat(entra.requests()).hasSize(2);
        }
    }

    @Test
    void whatEntraIdSaysIsQuotedWithWhatToDoAndNoAssertion() throws Exception {
        try (TestingEndpoint entra = TestingEndpoint.answering(401, Map.of(), """
                        {"error":"invalid_client","error_description":"AADSTS700213: No matching federated identity record found for \
                        presented assertion subject 'system:serviceaccount:search:embedder' of %s. Trace ID: 1 Correlation ID: 2"}
                        """.formatted(ASSERTION));
                TestingEndpoint server = TestingEndpoint.answering(200, Map.of(), "{}");
                OpenAiHttp http = http(server, entra)) {
            RunnerException stop = OpenAiFailures.fatal(failure(http)).orElseThrow();

            assertThat(stop)
                    .isInstanceOf(SpecificationException.class)
                    .hasMessage(
                            "Microsoft Entra ID gives the client a-client no token at http://localhost:%d/a-tenant/oauth2/v2.0/token:"
                                            .formatted(entra.url().getPort())
                                    + " it answered 401 (AADSTS700213: No matching federated identity record found for presented assertion"
                                    + " subject 'system:serviceaccount:search:embedder' of ***.): check the client ID that the ServiceAccount of"
                                    + " spec.template.serviceAccountName is annotated with, or spec.embedder.openai.azureIdentity.clientId, and"
                                    + " the identity's federated credential: its issuer, subject and audience");
            assertThat(server.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            503 | busy
            429 | {"error":"temporarily_unavailable","error_description":"AADSTS90033: A transient error"}
            400 | {"error":"temporarily_unavailable","error_description":"AADSTS90033: A transient error"}
            200 | a page
            """)
    void whatMayPassIsNoVerdictAndTheTokenAtHandIsUsedToItsEnd(int status, String body) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (TestingEndpoint entra = TestingEndpoint.answering(request -> {
                    boolean first = asked.incrementAndGet() == 1;
                    request.response()
                            .setStatusCode(first ? 200 : status)
                            .end(first ? "{\"access_token\":\"a-good-token\",\"expires_in\":\"3600\"}" : body);
                });
                TestingEndpoint server =
                        TestingEndpoint.answering(request -> request.response().end("{}"));
                OpenAiHttp http = http(server, entra)) {
            http.post("/embeddings", BODY);
            now.updateAndGet(time -> time.plus(Duration.ofMinutes(56)));
            http.post("/embeddings", BODY);
            http.post("/embeddings", BODY);
            assertThat(asked).as("not with each request").hasValue(2);

            now.updateAndGet(time -> time.plus(Duration.ofMinutes(5)));

            assertThat(OpenAiFailures.fatal(failure(http))).isEmpty();
            assertThat(server.requests()).hasSize(3);
        }
    }

    @Test
    void anApplicationProvesItselfByItsSecretWhereThereIsNoServiceAccount() throws Exception {
        try (TestingEndpoint entra = TestingEndpoint.answering(
                401, Map.of(), "{\"error_description\":\"AADSTS7000215: Invalid client secret se~cret-of-app.\"}")) {
            Map<String, String> variables = new HashMap<>(variables(entra));
            variables.remove("AZURE_FEDERATED_TOKEN_FILE");
            variables.put("AZURE_CLIENT_SECRET", "se~cret-of-app");
            AzureIdentity spec =
                    new AzureIdentity("another-client", "contoso.example", "https://ai.azure.com/.default");
            EntraIdentity identity = EntraIdentity.of(spec, variables, Optional.empty());

            assertThatThrownBy(() -> identity.token(clock))
                    .hasMessageContaining("the client another-client no token")
                    .hasMessageEndingWith("(AADSTS7000215: Invalid client secret ***.)");

            assertThat(entra.requests().getFirst().path()).isEqualTo("/contoso.example/oauth2/v2.0/token");
            assertThat(form(entra.body()))
                    .containsEntry("client_id", "another-client")
                    .containsEntry("client_secret", "se~cret-of-app")
                    .containsEntry("scope", "https://ai.azure.com/.default");
        }
    }

    @Test
    void aProxyThatSpeaksForEntraIdIsTrustedByTheAuthoritiesOfTheManifestAlone() throws Exception {
        Path keys = TestingKeys.store(
                folder.resolve("keys.p12"), "EC", "-dname", "CN=localhost", "-ext", "san=dns:localhost");
        Path bundle = Files.writeString(folder.resolve("ca.pem"), TestingKeys.certificate(keys));
        Optional<TrustedAuthorities> authorities = TrustedAuthorities.of(
                TestingOpenAi.model("a-model", 8)
                        .with("baseUrl", "https://localhost")
                        .with("server", OpenAiServer.VLLM)
                        .embedder(),
                Map.of(EnvironmentVariable.OPENAI_CA_BUNDLE, bundle.toString()));
        try (TestingEndpoint entra = TestingEndpoint.encrypted(
                keys,
                TestingKeys.PASSWORD,
                request -> request.response().end("{\"access_token\":\"a-good-token\",\"expires_in\":3600}"))) {
            Map<String, String> variables = new HashMap<>(variables(entra));
            variables.put(
                    "AZURE_AUTHORITY_HOST", "https://localhost:" + entra.url().getPort());

            assertThat(EntraIdentity.of(OF_THE_POD, variables, authorities)
                            .token(clock)
                            .value())
                    .isEqualTo("a-good-token");
            assertThatThrownBy(() -> EntraIdentity.of(OF_THE_POD, variables, Optional.empty())
                            .token(clock))
                    .hasMessageContaining("the certificate of the server localhost:%d is not trusted"
                            .formatted(entra.url().getPort()));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            AZURE_FEDERATED_TOKEN_FILE |                       | set the label azure.workload.identity/use: "true" in spec.template.labels
            AZURE_TENANT_ID            |                       | set spec.embedder.openai.azureIdentity.tenantId
            AZURE_CLIENT_ID            |                       | set spec.embedder.openai.azureIdentity.clientId
            AZURE_AUTHORITY_HOST       | http://entra.example  | use an https URL such as https://login.microsoftonline.com
            AZURE_AUTHORITY_HOST       | entra example         | use an https URL such as https://login.microsoftonline.com
            """)
    void whatAzuresWebhookDidNotSetIsNamed(String variable, String value, String advice) {
        Map<String, String> variables = new HashMap<>(
                Map.of("AZURE_FEDERATED_TOKEN_FILE", "/var/run/token", "AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "c"));
        variables.put(variable, value == null ? "" : value);

        assertThatThrownBy(() -> EntraIdentity.of(OF_THE_POD, variables, Optional.empty()))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining(variable)
                .hasMessageContaining(advice);
    }

    /** Numbers its tokens; each is good for an hour. */
    private static TestingEndpoint giving() {
        AtomicInteger given = new AtomicInteger();
        return TestingEndpoint.answering(request -> request.response()
                .end("{\"access_token\":\"token-number-%d\",\"expires_in\":3600}".formatted(given.incrementAndGet())));
    }

    private OpenAiHttp http(TestingEndpoint server, TestingEndpoint entra) throws Exception {
        EntraIdentity identity = EntraIdentity.of(OF_THE_POD, variables(entra), Optional.empty());
        SecretHeader header = new SecretHeader("authorization", "Bearer ", EntraToken.none(identity, clock));
        return OpenAiHttp.open(
                new OpenAiEndpoint(
                        server.url(),
                        "",
                        List.of(header),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Optional.empty()),
                8);
    }

    private Map<String, String> variables(TestingEndpoint entra) throws Exception {
        Path file = Files.writeString(folder.resolve("token"), ASSERTION + "\n");
        return Map.of(
                "AZURE_FEDERATED_TOKEN_FILE",
                file.toString(),
                "AZURE_TENANT_ID",
                "a-tenant",
                "AZURE_CLIENT_ID",
                "a-client",
                "AZURE_AUTHORITY_HOST",
                "http://localhost:%d/".formatted(entra.url().getPort()));
    }

    private static OpenAiFailure failure(OpenAiHttp http) {
        OpenAiException thrown = catchThrowableOfType(OpenAiException.class, () -> http.post("/embeddings", BODY));
        assertThat(thrown).as("the request fails").isNotNull();
        return thrown.failure();
    }

    private static Map<String, String> form(String body) {
        Map<String, String> fields = new HashMap<>();
        Stream.of(body.split("&"))
                .map(field -> field.split("=", 2))
                .forEach(field -> fields.put(field[0], URLDecoder.decode(field[1], UTF_8)));
        return fields;
    }
}
