package io.embeddingoperator.runner.embed.openai.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.AzureIdentity;
import io.embeddingoperator.runner.failure.ConnectionFault;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.http.BlockingWebClient;
import io.embeddingoperator.runner.http.WebReply;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * An identity of Microsoft Entra ID, which gives tokens for what proves it. That is one form in and one JSON object out, with the
 * endpoint's own proxy, authorities and failures; Microsoft's clients for it bring a cache, an HTTP client and retries of their own.
 *
 * @param tokens where they are given
 * @param clientId who it is
 * @param scope what tokens are for
 * @param proof of who it is
 * @param authorities that may vouch for Entra ID, beside the public ones: a proxy on the way may speak for it
 */
record EntraIdentity(URI tokens, String clientId, String scope, Proof proof, Optional<TrustedAuthorities> authorities) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String FIELD = "spec.embedder.openai.azureIdentity";
    private static final String PUBLIC_CLOUD = "https://login.microsoftonline.com";
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration REPLY = Duration.ofSeconds(30);
    private static final int LONGEST_REPLY = 1024 * 1024;
    private static final int LONGEST_QUOTE = 600;
    private static final int OK = 200;

    private static final String BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /** Of a token, where the reply does not tell it. */
    private static final int UNTOLD_LIFE_SECONDS = 600;

    /** Statuses below 500 that pass by themselves. */
    private static final Set<Integer> PASSING = Set.of(408, 425, 429);

    /** What proves the identity. */
    sealed interface Proof {
        /** As it is by now. */
        String secret() throws IOException;

        /** Fields of the form that hold it. */
        Map<String, String> fields(String secret);

        /** What a person looks at where it is not taken. */
        String advice();
    }

    /** The token of a ServiceAccount, which Kubernetes writes anew before it ends. */
    record FederatedToken(Path file) implements Proof {
        @Override
        public String secret() throws IOException {
            return Files.readString(file).strip();
        }

        @Override
        public Map<String, String> fields(String secret) {
            return Map.of("client_assertion_type", BEARER, "client_assertion", secret);
        }

        @Override
        public String advice() {
            return ("check the client ID that the ServiceAccount of spec.template.serviceAccountName is annotated with, or %s.clientId,"
                            + " and the identity's federated credential: its issuer, subject and audience")
                    .formatted(FIELD);
        }
    }

    /** Of an application. */
    record ClientSecret(String secret) implements Proof {
        @Override
        public Map<String, String> fields(String secret) {
            return Map.of("client_secret", secret);
        }

        @Override
        public String advice() {
            return "check %s, %s and %s"
                    .formatted(
                            EnvironmentVariable.AZURE_TENANT_ID,
                            EnvironmentVariable.AZURE_CLIENT_ID,
                            EnvironmentVariable.AZURE_CLIENT_SECRET);
        }

        @Override
        public String toString() {
            return "a client secret";
        }
    }

    /**
     * @param variables of the process, as Azure's webhook sets them
     * @throws SpecificationException when they do not tell who asks
     */
    static EntraIdentity of(
            AzureIdentity spec, Map<String, String> variables, Optional<TrustedAuthorities> authorities) {
        Proof proof = proof(variables);
        String tenant = given(spec.tenantId(), "tenantId", EnvironmentVariable.AZURE_TENANT_ID, variables);
        String client = given(spec.clientId(), "clientId", EnvironmentVariable.AZURE_CLIENT_ID, variables);
        return new EntraIdentity(tokens(tenant, variables), client, spec.scope(), proof, authorities);
    }

    private static Proof proof(Map<String, String> variables) {
        Optional<Proof> federated = variable(EnvironmentVariable.AZURE_FEDERATED_TOKEN_FILE, variables)
                .map(file -> new FederatedToken(Path.of(file)));
        return federated
                .or(() -> variable(EnvironmentVariable.AZURE_CLIENT_SECRET, variables)
                        .map(ClientSecret::new))
                .orElseThrow(() -> new SpecificationException(
                        ("the environment variable %s is not set, which %s needs: in a cluster with Azure's workload identity set the"
                                        + " label azure.workload.identity/use: \"true\" in spec.template.labels and the identity's"
                                        + " ServiceAccount in spec.template.serviceAccountName; elsewhere set %s, %s and %s")
                                .formatted(
                                        EnvironmentVariable.AZURE_FEDERATED_TOKEN_FILE,
                                        FIELD,
                                        EnvironmentVariable.AZURE_TENANT_ID,
                                        EnvironmentVariable.AZURE_CLIENT_ID,
                                        EnvironmentVariable.AZURE_CLIENT_SECRET)));
    }

    private static String given(@Nullable String value, String field, String variable, Map<String, String> variables) {
        return Optional.ofNullable(value)
                .or(() -> variable(variable, variables))
                .orElseThrow(() -> new SpecificationException(
                        "the environment variable %s is not set: annotate the ServiceAccount with it, or set %s.%s"
                                .formatted(variable, FIELD, field)));
    }

    /** What proves the identity goes there, so that it goes nowhere in the clear but to this machine. */
    private static URI tokens(String tenant, Map<String, String> variables) {
        String host = variable(EnvironmentVariable.AZURE_AUTHORITY_HOST, variables)
                .map(given -> given.replaceAll("/+$", ""))
                .orElse(PUBLIC_CLOUD);
        try {
            URI tokens = new URI("%s/%s/oauth2/v2.0/token".formatted(host, tenant));
            if (tokens.getHost() != null
                    && ("https".equals(tokens.getScheme()) || OpenAiEndpoint.isLocal(tokens.getHost()))) {
                return tokens;
            }
        } catch (URISyntaxException e) {
            // The sentence below says all there is to say.
        }
        throw new SpecificationException("the environment variable %s is %s: use an https URL such as %s"
                .formatted(EnvironmentVariable.AZURE_AUTHORITY_HOST, host, PUBLIC_CLOUD));
    }

    private static Optional<String> variable(String name, Map<String, String> variables) {
        return Optional.ofNullable(variables.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** Another token. */
    EntraToken token(Clock clock) throws OpenAiException, InterruptedException {
        String secret = secret();
        WebReply.Whole reply = reply(secret);
        JsonNode json = json(reply.body().toString());
        String token = json.path("access_token").asText();
        if (reply.status() == OK && token.matches("[!-~]+")) {
            return EntraToken.of(
                    this, token, Duration.ofSeconds(json.path("expires_in").asLong(UNTOLD_LIFE_SECONDS)), clock);
        }
        boolean isLasting = reply.status() / 100 == 4
                && !PASSING.contains(reply.status())
                && !json.path("error").asText().equals("temporarily_unavailable");
        throw failed(
                "Microsoft Entra ID gives the client %s no token at %s: it answered %d (%s)"
                        .formatted(
                                clientId,
                                tokens,
                                reply.status(),
                                new KeyRedaction(List.of(secret)).apply(said(json, reply))),
                Optional.of(proof.advice()).filter(_ -> isLasting),
                null);
    }

    private String secret() throws OpenAiException {
        try {
            return proof.secret();
        } catch (IOException e) {
            throw failed(
                    "the file that %s names cannot be read".formatted(EnvironmentVariable.AZURE_FEDERATED_TOKEN_FILE),
                    Optional.of(proof.advice()),
                    e);
        }
    }

    private WebReply.Whole reply(String secret) throws OpenAiException, InterruptedException {
        MultiMap form = MultiMap.caseInsensitiveMultiMap()
                .set("grant_type", "client_credentials")
                .set("client_id", clientId)
                .set("scope", scope)
                .addAll(proof.fields(secret));
        HttpClientOptions options = new HttpClientOptions().setConnectTimeout((int) CONNECT.toMillis());
        authorities.map(TrustedAuthorities::besidePublic).ifPresent(options::setTrustOptions);
        try (BlockingWebClient http = BlockingWebClient.open(options)) {
            return http.exchange(HttpMethod.POST, tokens)
                    .whole(request -> request.sendForm(form), LONGEST_REPLY, REPLY);
        } catch (ExecutionException e) {
            throw unreachable(Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private OpenAiException unreachable(Throwable fault) {
        return failed(
                "Microsoft Entra ID gives no token: %s".formatted(ConnectionFault.clause(fault, tokens)),
                Optional.of(
                                "check AZURE_AUTHORITY_HOST, and where a proxy on the way speaks for it, give that one's authority in"
                                        + " spec.embedder.openai.caBundle")
                        .filter(_ -> ConnectionFault.isOfCertificate(fault, tokens)),
                fault);
    }

    private static OpenAiException failed(String sentence, Optional<String> remedy, @Nullable Throwable cause) {
        return new OpenAiException(new OpenAiFailure.NetworkTrouble(false, remedy, sentence), cause);
    }

    private static JsonNode json(String body) {
        try {
            return Optional.ofNullable(JSON.readTree(body)).orElseGet(JSON::createObjectNode);
        } catch (IOException e) {
            return JSON.createObjectNode();
        }
    }

    /** Entra ID's own words, without the numbers of the request behind them. */
    private static String said(JsonNode json, WebReply.Whole reply) {
        String words = json.path("error_description")
                .asText(json.path("error")
                        .asText(
                                reply.status() == OK
                                        ? "no token in it"
                                        : reply.body().toString()));
        String line = words.replaceFirst("(?s)\\s*Trace ID:.*", "")
                .replaceAll("\\s+", " ")
                .strip();
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "…";
    }
}
