package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiHeader;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.runner.embed.openai.http.MountedSecret.Form;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the API is served, and what proves there who asks. Only {@link OpenAiHttp} sees the secrets.
 *
 * @param base the URL without user information, query and closing slash
 * @param query of every request, with its question mark; empty where there is none
 * @param secrets headers of every request whose values are shown nowhere, the key's among them
 * @param authorities that vouch for it, where it is not the public ones
 * @param clientKeys what proves to it, as a connection is made, who asks
 * @param headers of every request, beside the secret ones
 * @param requestTimeout after which a request is given up, where it is not the usual time
 */
public record OpenAiEndpoint(
        URI base,
        String query,
        List<SecretHeader> secrets,
        Optional<TrustedAuthorities> authorities,
        Optional<ClientKeys> clientKeys,
        Map<String, String> headers,
        Optional<Duration> requestTimeout) {
    private static final String AUTHORIZATION = "authorization";
    private static final String BASE_URL = "spec.embedder.openai.baseUrl";

    private static final String KEY = "the API key that spec.embedder.openai.apiKey names (in a process, %s)"
            .formatted(EnvironmentVariable.OPENAI_API_KEY);

    /** That the public authorities vouch for. */
    public OpenAiEndpoint(URI base, String query, String keyHeader, String keyPrefix, Optional<String> key) {
        this(
                base,
                query,
                key
                        .map(value -> new MountedSecret(
                                KEY, Form.API_KEY, EnvironmentVariable.OPENAI_API_KEY, value, Optional.empty()))
                        .map(secret -> new SecretHeader(keyHeader, keyPrefix, secret))
                        .stream()
                        .toList(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty());
    }

    /** @param variables of the process: they hold the key, and name the file of the authorities */
    public static OpenAiEndpoint of(OpenAiEmbedder spec, Map<String, String> variables) {
        Optional<TrustedAuthorities> authorities = TrustedAuthorities.of(spec, variables);
        List<SecretHeader> secrets = new ArrayList<>();
        if (spec.azureIdentity() == null) {
            key(spec, variables).map(key -> keyHeader(spec.server(), key)).ifPresent(secrets::add);
        } else {
            EntraIdentity identity = EntraIdentity.of(spec.azureIdentity(), variables, authorities);
            secrets.add(new SecretHeader(AUTHORIZATION, "Bearer ", EntraToken.none(identity, Clock.systemUTC())));
        }
        for (OpenAiHeader header : spec.headers()) {
            if (header.secretKeyRef() != null) {
                secrets.add(header(header, variables));
            }
        }
        return of(spec, secrets, authorities, ClientKeys.of(spec, variables));
    }

    /** Where there is nothing to be asked for. */
    public static OpenAiEndpoint withoutKey(OpenAiEmbedder spec) {
        return of(spec, List.of(), Optional.empty(), Optional.empty());
    }

    private static OpenAiEndpoint of(
            OpenAiEmbedder spec,
            List<SecretHeader> secrets,
            Optional<TrustedAuthorities> authorities,
            Optional<ClientKeys> clientKeys) {
        URI given = given(spec.baseUrl());
        return new OpenAiEndpoint(
                base(given),
                query(given.getRawQuery(), spec.apiVersion()),
                secrets,
                authorities,
                clientKeys,
                headers(spec),
                spec.requestTimeout());
    }

    private static Optional<MountedSecret> key(OpenAiEmbedder spec, Map<String, String> variables) {
        Optional<MountedSecret> key = MountedSecret.of(
                KEY,
                Form.API_KEY,
                EnvironmentVariable.OPENAI_API_KEY,
                path(EnvironmentVariable.OPENAI_API_KEY_FILE, variables),
                variables);
        if (key.isEmpty() && spec.server().needsKey() && spec.apiKey() != null) {
            throw new SpecificationException(
                    "the environment variable %s is not set: it holds the API key that spec.embedder.openai.apiKey names"
                            .formatted(EnvironmentVariable.OPENAI_API_KEY));
        }
        return key;
    }

    private static SecretHeader keyHeader(OpenAiServer server, MountedSecret key) {
        return server == OpenAiServer.AzureOpenAI
                ? new SecretHeader("api-key", "", key)
                : new SecretHeader(AUTHORIZATION, "Bearer ", key);
    }

    private static SecretHeader header(OpenAiHeader header, Map<String, String> variables) {
        String variable = EnvironmentVariable.ofOpenAiHeader(header.name());
        MountedSecret secret = MountedSecret.of(
                        "the header %s of spec.embedder.openai.headers (in a process, %s)"
                                .formatted(header.name(), variable),
                        Form.HEADER,
                        variable,
                        path(EnvironmentVariable.OPENAI_HEADERS_FOLDER, variables)
                                .map(folder -> folder.resolve(header.plainName())),
                        variables)
                .orElseThrow(() -> new SpecificationException(
                        "the environment variable %s is not set: it holds the header %s that spec.embedder.openai.headers names"
                                .formatted(variable, header.name())));
        return new SecretHeader(header.name(), "", secret);
    }

    /** The file or folder that a variable names, if it does. */
    static Optional<Path> path(String variable, Map<String, String> variables) {
        return Optional.ofNullable(variables.get(variable))
                .filter(name -> !name.isBlank())
                .map(Path::of);
    }

    private static Map<String, String> headers(OpenAiEmbedder spec) {
        Map<String, String> headers = new HashMap<>();
        if (spec.organization() != null) {
            headers.put("openai-organization", spec.organization());
        }
        if (spec.project() != null) {
            headers.put("openai-project", spec.project());
        }
        for (OpenAiHeader header : spec.headers()) {
            if (header.value() != null) {
                headers.put(header.name(), header.value());
            }
        }
        return Map.copyOf(headers);
    }

    /** Whether a secret is to be renewed before it is sent. */
    boolean isSpent() {
        return secrets.stream().anyMatch(header -> header.secret().isSpent());
    }

    /** The same with the secrets as they are by now; empty where none is another one. */
    Optional<OpenAiEndpoint> renewed() throws OpenAiException, InterruptedException {
        List<SecretHeader> renewed = new ArrayList<>();
        for (SecretHeader header : secrets) {
            renewed.add(header.renewed());
        }
        return renewed.equals(secrets)
                ? Optional.empty()
                : Optional.of(
                        new OpenAiEndpoint(base, query, renewed, authorities, clientKeys, headers, requestTimeout));
    }

    /** The same server elsewhere. */
    public OpenAiEndpoint at(String otherBase) {
        return new OpenAiEndpoint(
                URI.create(otherBase), query, secrets, authorities, clientKeys, headers, requestTimeout);
    }

    /** With one header more in every request, where it has none of that name. */
    public OpenAiEndpoint with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.putIfAbsent(header, value);
        return new OpenAiEndpoint(base, query, secrets, authorities, clientKeys, Map.copyOf(more), requestTimeout);
    }

    /** With the key in another header, where it has one. */
    public OpenAiEndpoint withKeyIn(String header) {
        List<SecretHeader> moved = secrets.stream()
                .map(secret ->
                        secret.name().equals(AUTHORIZATION) ? new SecretHeader(header, "", secret.secret()) : secret)
                .toList();
        return new OpenAiEndpoint(base, query, moved, authorities, clientKeys, headers, requestTimeout);
    }

    /** @param path behind the base URL, with its slash */
    String uri(String path) {
        String prefix = base.getRawPath() == null ? "" : base.getRawPath();
        if (query.isEmpty()) {
            return prefix + path;
        }
        return prefix + (path.contains("?") ? path + "&" + query.substring(1) : path + query);
    }

    boolean isEncrypted() {
        return base.getScheme().equals("https");
    }

    int port() {
        return base.getPort() > 0 ? base.getPort() : isEncrypted() ? 443 : 80;
    }

    /** Whether a secret goes over a network in the clear. */
    public boolean exposesSecret() {
        return !isEncrypted() && !secrets.isEmpty() && !isLocal(base.getHost());
    }

    /** The text with the secrets blotted out, should a server have quoted one, in whole or in part. */
    String withoutSecrets(String text) {
        return new KeyRedaction(
                        secrets.stream().map(header -> header.secret().value()).toList())
                .apply(text);
    }

    /** What to do where a server does not take what proves who asks, or nothing does. */
    String adviceOnRefusal() {
        if (secrets.isEmpty()) {
            return "name the Secret key that holds the API key in spec.embedder.openai.apiKey (in a process, set %s)"
                    .formatted(EnvironmentVariable.OPENAI_API_KEY);
        }
        return "check %s and what %s may do"
                .formatted(
                        secrets.stream().map(header -> header.secret().origin()).collect(Collectors.joining(", ")),
                        secrets.size() == 1 ? "it" : "they");
    }

    /** The URL alone. */
    @Override
    public String toString() {
        return base.toString();
    }

    static boolean isLocal(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }

    /** What every request has behind its path: the query of the base URL, and the version of the API. */
    private static String query(@Nullable String ofUrl, @Nullable String apiVersion) {
        boolean versioned = ofUrl != null && ("&" + ofUrl).contains("&api-version=");
        if (versioned && apiVersion != null) {
            throw new SpecificationException(BASE_URL
                    + " names an api-version, and spec.embedder.openai.apiVersion does as well: leave one of them out");
        }
        List<String> parts = new ArrayList<>();
        if (ofUrl != null && !ofUrl.isEmpty()) {
            parts.add(ofUrl);
        }
        if (apiVersion != null) {
            parts.add("api-version=" + URLEncoder.encode(apiVersion, StandardCharsets.UTF_8));
        }
        return parts.isEmpty() ? "" : "?" + String.join("&", parts);
    }

    private static URI given(String url) {
        try {
            URI given = new URI(url);
            if (given.getHost() == null) {
                throw refused(given.toString(), "give a host");
            }
            if (given.getRawUserInfo() != null) {
                throw new SpecificationException(
                        BASE_URL + " holds a user and password: give the key in spec.embedder.openai.apiKey instead");
            }
            if (given.getRawFragment() != null) {
                throw refused(given.getScheme() + "://" + given.getRawAuthority(), "leave out what follows its #");
            }
            return given;
        } catch (URISyntaxException e) {
            throw new SpecificationException("%s is malformed at character %d (%s): write it percent-encoded"
                    .formatted(BASE_URL, e.getIndex() + 1, e.getReason()));
        }
    }

    private static URI base(URI given) {
        String path = given.getRawPath() == null ? "" : given.getRawPath().replaceAll("/+$", "");
        return URI.create(given.getScheme() + "://" + given.getRawAuthority() + path);
    }

    private static SpecificationException refused(String value, String advice) {
        return new SpecificationException("%s is %s: %s".formatted(BASE_URL, value, advice));
    }
}
